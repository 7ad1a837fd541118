//! A unified diff of two texts.

use crate::limits::MAX_DIFF_CELLS;
use std::fmt::Write as _;

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

/// A line of both, of the first, or of the second alone.
#[derive(Clone, Copy, PartialEq)]
enum Line<'t> {
    Same(&'t str),
    Old(&'t str),
    New(&'t str),
}

/// The diff as `patch` takes it; empty when nothing is different.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let lines = lines(before, after);
    let mut out = String::new();
    let (mut at, mut old, mut new) = (0, 1, 1);
    while at < lines.len() {
        let Some(next) = lines[at..].iter().position(|line| !matches!(line, Line::Same(_))) else { break };
        let start = (at + next).saturating_sub(CONTEXT).max(at);
        (old, new) = (old + (start - at), new + (start - at));
        let mut end = at + next;
        loop {
            let quiet = lines[end..].iter().take_while(|line| matches!(line, Line::Same(_))).count();
            if end + quiet >= lines.len() || quiet > 2 * CONTEXT {
                end += quiet.min(CONTEXT);
                break;
            }
            end += quiet + 1;
        }
        if out.is_empty() {
            let _ = write!(out, "--- a/{path}\n+++ b/{path}\n");
        }
        hunk(&mut out, &lines[start..end], &mut old, &mut new);
        at = end;
    }
    out
}

fn hunk(out: &mut String, lines: &[Line<'_>], old: &mut usize, new: &mut usize) {
    let olds = lines.iter().filter(|line| !matches!(line, Line::New(_))).count();
    let news = lines.iter().filter(|line| !matches!(line, Line::Old(_))).count();
    // An empty side is named by the line before it.
    let begin = |line: usize, count: usize| if count == 0 { line - 1 } else { line };
    let _ = writeln!(out, "@@ -{},{olds} +{},{news} @@", begin(*old, olds), begin(*new, news));
    for line in lines {
        let (sign, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Old(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        out.push(sign);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    (*old, *new) = (*old + olds, *new + news);
}

/// All lines of both texts, the longest sequence that both have as one. Where that would cost too much, all is different.
fn lines<'t>(before: &'t str, after: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut out: Vec<Line<'_>> = old[..head].iter().map(|line| Line::Same(line)).collect();
    match a.len().saturating_mul(b.len()) <= MAX_DIFF_CELLS {
        true => middle(a, b, &mut out),
        false => {
            out.extend(a.iter().map(|line| Line::Old(line)));
            out.extend(b.iter().map(|line| Line::New(line)));
        }
    }
    out.extend(old[old.len() - tail..].iter().map(|line| Line::Same(line)));
    out
}

fn middle<'t>(a: &[&'t str], b: &[&'t str], out: &mut Vec<Line<'t>>) {
    let width = b.len() + 1;
    // How many lines are the same from here to the ends.
    let mut same = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            same[i * width + j] = match a[i] == b[j] {
                true => same[(i + 1) * width + j + 1] + 1,
                false => same[(i + 1) * width + j].max(same[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push(Line::Same(a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && same[(i + 1) * width + j] >= same[i * width + j + 1]) {
            out.push(Line::Old(a[i]));
            i += 1;
        } else {
            out.push(Line::New(b[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_as_diff_prints_it() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";
        let after = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl";
        let expected = "--- a/x.yml\n+++ b/x.yml\n@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -9,3 +9,4 @@\n i\n j\n k\n+l\n\\ No newline at end of file\n";
        assert_eq!(unified("x.yml", before, after), expected);
        assert_eq!(unified("x.yml", before, before), "");
        assert!(unified("x", "", "a\n").contains("@@ -0,0 +1,1 @@\n+a\n"));
    }

    proptest! {
        /// What is not new is the old text, what is not old is the new one, and the hunks say how many lines they have.
        #[test]
        fn both_texts_are_in_it(before in "[ab\n]{0,40}", after in "[ab\n]{0,40}") {
            let all = lines(&before, &after);
            let side = |leave: fn(&Line<'_>) -> bool| -> String {
                let of = all.iter().filter(|line| !leave(line));
                of.map(|line| match line { Line::Same(text) | Line::Old(text) | Line::New(text) => *text }).collect()
            };
            prop_assert_eq!(side(|line| matches!(line, Line::New(_))), before.clone());
            prop_assert_eq!(side(|line| matches!(line, Line::Old(_))), after.clone());
            let diff = unified("x", &before, &after);
            prop_assert_eq!(diff.is_empty(), before == after);
            for line in diff.lines().filter(|line| line.starts_with("@@")) {
                prop_assert_eq!(line.split(' ').count(), 4);
            }
        }
    }
}
