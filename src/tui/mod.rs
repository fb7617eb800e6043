//! The interface: state, update and view apart; a file a screen part.
