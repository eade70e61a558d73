"""Everything that is seen. Views show models and call actions; they know no network and no rule."""
