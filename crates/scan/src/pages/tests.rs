use super::*;
use crate::finding::Finding;
use crate::pack::{File, Pack};
use crate::rules::Rule;
use crate::text::Text;

const GOOD: &str = "\
# A title

What it sees.

## Why it matters for operations
Toil.

## Why it matters for security
Attack.

```sh
# no heading in here
```

## False positives
Few.

## How to fix
So.

## Background
More.

## Cases

### fires: one (line 2)
```yaml a.yml
a: 1
bad: 1
```

### fires: two: with a colon
````yaml a.yml
```
bad
````
```json dir/b.json
{}
```

### quiet: three
```yaml a.yml
```

### quiet: four (really)
```yaml a.yml
a: 1
```
";
const RULE: &str = "id: a-b\ntitle: A title\nseverity: high\nconfidence: low\nabout: x\nmessage: m\nfails: {a: 1}\n";

fn problems(text: &str) -> Vec<String> {
    Page::parse("p.md", text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_page_has_its_sections_and_cases() {
    let page = Page::parse("p.md", GOOD).unwrap();
    assert_eq!((page.title.as_str(), page.front.as_str(), page.line), ("A title", "What it sees.", 1));
    assert_eq!((page.operations.as_str(), page.how_to_fix.as_str()), ("Toil.", "So."));
    assert!(page.security.contains("# no heading in here"));
    assert_eq!(page.other, [("Background".to_owned(), "More.".to_owned())]);
    let cases: Vec<_> = page.cases.iter().map(|case| (case.fires, case.says.as_str(), case.expected)).collect();
    let expected = [
        (true, "one", Some(2)),
        (true, "two: with a colon", None),
        (false, "three", None),
        (false, "four (really)", None),
    ];
    assert_eq!(cases, expected);
    let files = [("a.yml".to_owned(), "```\nbad\n".to_owned()), ("dir/b.json".to_owned(), "{}\n".to_owned())];
    assert_eq!(page.cases[1].files, files);
}

#[test]
fn all_problems_are_told_at_once_with_places() {
    let bad = GOOD
        .replace("Toil.\n", "")
        .replace("## Why it matters for security", "## Security")
        .replace("### quiet: three", "### silent: three")
        .replace("```json dir/b.json", "```json ../b.json");
    let told = problems(&bad);
    for says in [
        "p.md:5:1: the section `## Why it matters for operations` is empty",
        "p.md:1:1: the section `## Why it matters for security` is missing",
        "a case is called",
        "a file begins with its language and its path",
    ] {
        assert!(told.iter().any(|problem| problem.contains(says)), "{says}: {told:?}");
    }
    assert!(
        problems(&GOOD.replace("### quiet: three", "### fires: three"))
            .iter()
            .any(|problem| problem.contains("1 cases `### quiet"))
    );
    for text in ["", "no title", "# T\n# T\n", "# T\n## Cases\n```yaml a.yml\n", "# T\n## Cases\n### fires: x\n"] {
        assert!(Page::parse("p.md", text).is_err());
    }
}

fn tested(rule: &str, page: &str) -> Vec<String> {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned().into() };
    let pages = if page.is_empty() { Vec::new() } else { vec![file("x/r.md", page)] };
    let pack = Pack { rules: vec![file("x/r.yml", rule)], pages, ..Pack::default() };
    let scan =
        |rule: &Rule, texts: Vec<Text>| (texts.iter().filter_map(|text| finding(rule, text)).collect(), Vec::new());
    test(&pack, &scan).problems.iter().map(ToString::to_string).collect()
}

/// Finds `bad` in the first file that says it.
fn finding(rule: &Rule, text: &Text) -> Option<Finding> {
    let at = text.text.find("bad")?;
    let start = text.place(at as u32);
    Some(Finding {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        confidence: rule.confidence,
        message: String::new(),
        path: text.path.clone(),
        address: String::new(),
        start,
        end: start,
        fingerprint: String::new(),
        span: Default::default(),
        file: crate::resource::FileId(0),
    })
}

#[test]
fn cases_do_what_they_say() {
    assert_eq!(tested(RULE, GOOD), [""; 0]);
    for (rule, page, says) in [
        (RULE, GOOD.replace("(line 2)", "(line 1)"), "fires at a.yml:2 and not in line 1"),
        (RULE, GOOD.replace("bad: 1", "good: 1"), "should fire and stays quiet"),
        (RULE, GOOD.replace("really)\n```yaml a.yml\na", "really)\n```yaml a.yml\nbad"), "should stay quiet and fires"),
        (RULE, GOOD.replace("# A title", "# Another"), "make them the same"),
        (RULE, String::new(), "there is no page"),
        ("id: x\n", GOOD.to_owned(), "x/r.yml:1:1"),
    ] {
        let problems = tested(rule, &page);
        assert!(problems.iter().any(|problem| problem.contains(says)), "{says}: {problems:?}");
    }
}
