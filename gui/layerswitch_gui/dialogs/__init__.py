"""Dialogs: messages, questions, and the few settings that need a form."""
