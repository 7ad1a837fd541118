//! What is asked of the scanner, and whether it was reached.
//!
//! Against a peer two things are told: by the clock, which is what people wait for and what other programs on the machine
//! spoil, and of the processor, all cores together, which they hardly do.

use super::program::Took;

/// What was asked so far.
#[derive(Debug, Default)]
pub struct Asked {
    told: Vec<(String, bool)>,
}

impl Asked {
    /// At most so much of something.
    pub fn most(&mut self, what: &str, is: f64, most: f64, unit: &str) {
        self.tell(format!("{what}: {is:.2} {unit}, asked: at most {most} {unit}"), is <= most);
    }

    /// At least so much of something.
    pub fn least(&mut self, what: &str, is: f64, least: f64, unit: &str) {
        self.tell(format!("{what}: {is:.0} {unit}, asked: at least {least} {unit}"), is >= least);
    }

    /// A peer takes at least so many times as much as this program.
    pub fn times(&mut self, what: &str, ours: Took, peer: Took, least: f64) {
        let (clock, cpu) = ours.times(peer);
        self.tell(format!("{what}, by the clock: {clock:.1}x, asked: {least}x"), clock >= least);
        self.tell(format!("{what}, of the processor: {cpu:.1}x, asked: {least}x"), cpu >= least);
    }

    fn tell(&mut self, said: String, reached: bool) {
        println!("    {:<7} {said}", verdict(reached));
        self.told.push((said, reached));
    }

    /// All of it in a few lines.
    pub fn summary(&self) -> String {
        let missed = self.told.iter().filter(|(_, reached)| !reached);
        let mut text = format!("{} asked, {} missed\n", self.told.len(), missed.clone().count());
        missed.for_each(|(said, _)| text.push_str(&format!("{} {said}\n", verdict(false))));
        text
    }
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_named() {
        let mut asked = Asked::default();
        asked.most("memory", 310.0, 300.0, "MiB");
        asked.least("secrets", 60.0, 60.0, "MB/s");
        let took = |wall, cpu| Took { wall, cpu, peak: 1.0 };
        asked.times("hadolint", took(0.1, 0.2), took(1.0, 1.0), 10.0);
        let summary = asked.summary();
        assert!(summary.starts_with("4 asked, 2 missed\n"), "{summary}");
        assert!(summary.contains("MISSED memory: 310.00 MiB"), "{summary}");
        assert!(summary.contains("MISSED hadolint, of the processor: 5.0x"), "{summary}");
    }
}
