"""The page's server: how it comes to a kernel for every visitor."""
