//! A secret's value on its way through a scan: so that it can be taken out of whatever is shown.

use std::fmt;
use std::sync::Arc;

/// A value. It cannot be printed and is never serialised; it lives as long as the scan.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Value(Arc<[u8]>);

impl Value {
    pub(crate) fn new(bytes: &[u8]) -> Value {
        Value(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Value(..)")
    }
}
