"""Text in, Assessment out: pure detection, reading only its own rule files."""
