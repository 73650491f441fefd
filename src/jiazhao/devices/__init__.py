"""The devices that hold an electronic licence: their contacts, freezing and ending them."""
