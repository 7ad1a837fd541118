//! What those share who flatten JSON objects to dotted paths: fields that arrive, and events that rules look at, must go by
//! the same names.

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use std::fmt;

/// What stands for a value that lies below [`crate::limits::MAX_DEPTH`].
pub const TOO_DEEP: &str = "...";

/// Reads a key of an object and appends it to the path on the way down, without a text of its own.
pub struct PathKey<'a> {
    /// The path.
    pub out: &'a mut String,
    /// Whether there is anything before it, from which a dot parts it.
    pub dotted: bool,
}

impl<'de> DeserializeSeed<'de> for PathKey<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for PathKey<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.dotted {
            self.out.push('.');
        }
        self.out.push_str(text);
        Ok(())
    }
}
