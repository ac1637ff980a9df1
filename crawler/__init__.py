"""The application: configuration, commands, crawls, schedule."""
