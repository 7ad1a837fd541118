//! Texts that an advisory names one by one, and addresses. Some name thousands: all of them are one text, so that reading
//! what is known of a package takes one allocation and not thousands.

use serde::{Deserialize, Serialize};

/// Between texts: a character that is in none of them, and that JSON writes as it is.
const BETWEEN: char = '\u{2028}';

/// Short texts, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(String);

impl Texts {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(BETWEEN).filter(|text| !text.is_empty())
    }
}

/// Empty ones are left out: they name nothing.
impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Texts {
        let mut all = String::new();
        for text in texts {
            for part in text.as_ref().split(BETWEEN).filter(|part| !part.is_empty()) {
                if !all.is_empty() {
                    all.push(BETWEEN);
                }
                all.push_str(part);
            }
        }
        Texts(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(versions in prop::collection::vec("[0-9a-z.+~\"\\\\\u{e9} -]{1,6}", 0..6)) {
            let all: Texts = versions.iter().collect();
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), versions.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(all.is_empty(), versions.is_empty());
            let text = serde_json::to_string(&all).unwrap();
            prop_assert_eq!(serde_json::from_str::<Texts>(&text).unwrap(), all);
        }
    }
}
