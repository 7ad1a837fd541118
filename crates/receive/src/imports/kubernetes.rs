use super::*;
pub fn read(_: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    Err(reading.refuse("soon"))
}
