//! Words as they occur in text: few of them often, most of them seldom.

use xtask::random::Random;

/// Different words; service logs of one team use some thousands.
const WORDS: usize = 6_000;
/// Exponent of Zipf's law, measured on English text and on logs alike.
const EXPONENT: f64 = 1.07;

/// A vocabulary with Zipf-distributed use.
pub struct Words {
    words: Vec<String>,
    /// Sum of the weights up to and with each word.
    sums: Vec<f64>,
}

impl Words {
    /// The vocabulary of one seed.
    pub fn new(seed: u64) -> Self {
        const ONSETS: &[&str] = &["b", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v"];
        const VOWELS: &[&str] = &["a", "e", "i", "o", "u", "ai", "ea", "io"];
        const CODAS: &[&str] = &["", "", "l", "n", "r", "s", "t", "x"];
        let mut random = Random::new(seed);
        let mut seen = std::collections::BTreeSet::new();
        let mut words = Vec::with_capacity(WORDS);
        while words.len() < WORDS {
            let mut word = String::new();
            for _ in 0..2 + random.below(3) {
                word.push_str(random.pick::<&str>(ONSETS));
                word.push_str(random.pick::<&str>(VOWELS));
                word.push_str(random.pick::<&str>(CODAS));
            }
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        let sums = zipf_sums(WORDS);
        Self { words, sums }
    }

    /// A word by Zipf's law.
    pub fn pick(&self, random: &mut Random) -> &str {
        &self.words[zipf(&self.sums, random)]
    }
}

/// Weights of Zipf's law for `count` things, summed up.
pub fn zipf_sums(count: usize) -> Vec<f64> {
    let mut sum = 0.0;
    (1..=count)
        .map(|rank| {
            sum += (rank as f64).powf(-EXPONENT);
            sum
        })
        .collect()
}

/// A rank from 0 by Zipf's law.
pub fn zipf(sums: &[f64], random: &mut Random) -> usize {
    let at = random.unit() * sums[sums.len() - 1];
    sums.partition_point(|sum| *sum <= at).min(sums.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_the_common_ones() {
        let words = Words::new(1);
        let mut random = Random::new(2);
        let mut first = 0;
        for _ in 0..10_000 {
            first += u32::from(words.pick(&mut random) == words.words[0]);
        }
        // 1 / sum of the weights is about 0.13 here.
        assert!((900..1_700).contains(&first), "{first}");
        assert_eq!(Words::new(1).words, words.words);
    }
}
