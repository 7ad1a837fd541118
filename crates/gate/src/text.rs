//! A verdict in words.
