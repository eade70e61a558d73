"""Jobs to begin with: specifications to submit as they are, and a film that a farm really renders."""
