"""./dev bench: this tool, its floors and its rival, measured in one go on the same instances."""
