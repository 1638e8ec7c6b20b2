"""How every figure looks: colours, axes, names, and the pieces that several figures share."""
