"""What needs the browser: figures, address, downloads, each a widget with its script."""
