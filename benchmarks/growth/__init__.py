"""What a long history and many projects cost."""
