"""Deciding, and who decides: stages that open, delegates, reassignment, approvals taken back."""
