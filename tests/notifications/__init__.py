"""What people are told, word by word, and the way it goes to them."""
