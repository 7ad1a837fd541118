//! `tandem rules lint`.

use super::{Needs, Output, count, pack, place_json, said_no, scanning, source_words};
use crate::failure::Outcome;
use crate::output;
use clap::Args;
use detect::engine::{Class, Compiled};
use detect::rule::Place;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Say what is wrong or odd.
#[derive(Args)]
pub struct Lint {
    /// A folder or file [default: the rules that are built in].
    dir: Option<PathBuf>,
    /// What is odd is wrong.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    needs: Needs,
    #[command(flatten)]
    output: Output,
}

/// Something that was found.
struct Found {
    place: Place,
    check: &'static str,
    says: String,
}

impl Lint {
    /// Prints it by place.
    pub fn run(self) -> Outcome {
        if let Some(dir) = scanning::has_rules(self.dir.as_deref()) {
            return scanning::lint(dir, self.strict, &self.output);
        }
        let pack = pack(self.dir.as_deref())?;
        let sources = self.needs.sources()?;
        let loaded = pack.load(&sources, &self.needs.options()?);
        let mut errors: Vec<Found> = Vec::new();
        for refusal in &loaded.refused {
            let says = match refusal.field.is_empty() {
                true => refusal.reason.clone(),
                false => format!("{}: {}", refusal.field, refusal.reason),
            };
            errors.push(Found { place: refusal.place.clone(), check: "refused", says });
        }
        for file in pack.rules.iter().filter(|file| loaded.operational.iter().any(|at| *at.file == *file.path)) {
            let (_, refused) = detect::ops::parse(&file.path, &file.text);
            errors.extend(refused.into_iter().map(|refused| Found {
                place: refused.place,
                check: "refused",
                says: format!("{}: {}", refused.field, refused.reason),
            }));
        }
        let classes = sources.definitions().iter();
        let classes = classes.map(|of| Class { source: of.source.clone(), when: of.when.clone() }).collect();
        let (_, report) = Compiled::new(&loaded.rules, classes);
        for (rule, why) in &report.refused {
            let place = loaded.rules[*rule].meta.place.clone();
            errors.push(Found { place, check: "refused", says: why.clone() });
        }
        let mut odd: Vec<Found> = Vec::new();
        for finding in &loaded.findings {
            odd.push(Found { place: finding.place.clone(), check: finding.check, says: finding.message.clone() });
        }
        for rule in &report.unseen {
            let rule = &loaded.rules[*rule];
            let says = format!("no data to see: no definition of a log source fits {}", source_words(&rule.source));
            odd.push(Found { place: rule.meta.place.clone(), check: "no-data", says });
        }
        for unmapped in sources.unmapped(&loaded.rules) {
            for rule in loaded.rules.iter().filter(|rule| unmapped.rules.contains(&rule.meta.id)) {
                let says = format!("no definition knows {}; it is looked for by this name", unmapped.field);
                odd.push(Found { place: rule.meta.place.clone(), check: "unknown-field", says });
            }
        }
        self.tell(errors, odd)
    }

    fn tell(&self, mut errors: Vec<Found>, mut odd: Vec<Found>) -> Outcome {
        for list in [&mut errors, &mut odd] {
            list.sort_by_key(|found| (found.place.file.clone(), found.place.line, found.place.column));
        }
        if self.output.json() {
            let list = |all: &[Found]| -> Vec<Value> {
                let one = |found: &Found| json!({"place": place_json(&found.place), "check": found.check, "says": found.says});
                all.iter().map(one).collect()
            };
            output::print(&format!("{}\n", json!({"errors": list(&errors), "odd": list(&odd)})))?;
        } else {
            let mut text = String::new();
            for (all, kind) in [(&errors, "error"), (&odd, "odd")] {
                for found in all {
                    text.push_str(&format!("{}: {kind}: {} ({})\n", found.place, found.says, found.check));
                }
            }
            text.push_str(&format!("{}, {} odd\n", count(errors.len(), "error", "errors"), odd.len()));
            output::print(&output::plain(&text))?;
        }
        match (errors.len(), odd.len()) {
            (0, 0) => Ok(()),
            (0, _) if !self.strict => Ok(()),
            (errors, odd) => Err(said_no(format!("{}, {odd} odd", count(errors, "error", "errors")))),
        }
    }
}
