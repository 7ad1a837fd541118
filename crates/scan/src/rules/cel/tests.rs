use super::*;
use crate::resource::{FileId, Resource, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Tree};
use proptest::prelude::*;

fn world(text: &str) -> World {
    let text = Text::new("a.yml", text);
    let (mut tree, malformed) = Tree::yaml(&text);
    assert_eq!(malformed, []);
    for id in tree.ids() {
        match tree.node(id).text() {
            Some("?") => tree.replace(id, Data::Unknown("x".into())),
            Some("reg/?:1") => tree.replace(id, Data::Partly(["reg/".into(), ":1".into()].into())),
            _ => {}
        }
    }
    let node = tree.roots[0];
    let mut world = World::default();
    let file = world.add_file(text, tree);
    world.add(Resource {
        kind: "thing",
        family: "test",
        file,
        address: String::new(),
        name: String::new(),
        node,
        span: Span::default(),
        fields: Vec::new(),
        relations: Vec::new(),
    });
    assert_eq!(file, FileId(0));
    world
}

fn says(world: &World, expression: &str) -> Option<bool> {
    let cel = Cel::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    match cel.holds(Subject::Resource(world, crate::resource::ResourceId(0))) {
        Truth::Yes(_) => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}

const THING: &str = "\
image: reg.example/a:1.2
open: '?'
part: reg/?:1
ports: [{name: web, hostPort: 80}, {name: admin, hostPort: 8080}]
limits: {cpu: 2, memory: 1.5}
unknowns: [1, '?', 3]
empty: []
";

#[test]
fn expressions_hold_or_do_not() {
    let world = world(THING);
    for (expression, holds) in [
        ("image.startsWith('reg.example/')", Some(true)),
        ("self.image.matches(r'^reg\\.example/[a-z]+:\\d')", Some(true)),
        ("self.image.endsWith(\":latest\") || size(ports) == 2", Some(true)),
        ("ports.all(p, p.hostPort < 1024)", Some(false)),
        ("ports.exists(p, p.name == 'web' && p.hostPort == 80)", Some(true)),
        ("ports.exists_one(p, p.hostPort > 1000)", Some(true)),
        ("ports.map(p, p.name) == ['web', 'admin']", Some(true)),
        ("ports.filter(p, p.name.startsWith('w'))[0].hostPort == 80", Some(true)),
        ("'web' in ports.map(p, p.name)", Some(true)),
        ("'cpu' in limits && !('disk' in limits)", Some(true)),
        ("limits == {'memory': 1.5, 'cpu': 2}", Some(true)),
        ("limits.cpu * 2 + 1 == 5 && 7 % 4 == 3 && -limits.cpu < 0", Some(true)),
        ("limits.memory / 0.5 > 2.9", Some(true)),
        ("limits.cpu > 1 ? image.contains('reg') : false", Some(true)),
        ("has(self.limits.cpu) && !has(self.limits.disk) && !has(nothing.at.all)", Some(true)),
        ("empty.all(x, x.y == 1) && !empty.exists(x, true)", Some(true)),
        ("int('42') == 42 && string(1) == '1' && double('1.5') == limits.memory && bool('true')", Some(true)),
        ("image.split(':')[1] == '1.2' && ' a'.trim().upperAscii() == 'A'", Some(true)),
        ("0x10 == 16 && 3u == 3 && \"a\\n\" != 'a'", Some(true)),
        // Types are different: not equal, and not compared.
        ("limits.cpu == '2'", Some(false)),
        ("limits.cpu < 'a'", None),
        // What is not there, or not known.
        ("nothing == 1", None),
        ("open == 1", None),
        ("open == 1 && false", Some(false)),
        ("open == 1 || true", Some(true)),
        ("open || size(ports) == 2", Some(true)),
        ("has(self.open)", None),
        ("part == 'reg/a:2'", Some(false)),
        ("part == 'reg/a:1'", None),
        ("part.startsWith('reg/')", Some(true)),
        ("part.startsWith('reg/a')", None),
        ("part.startsWith('other')", Some(false)),
        ("unknowns.exists(n, n == 3)", Some(true)),
        ("unknowns.exists(n, n == 4)", None),
        ("unknowns.all(n, n > 2)", Some(false)),
        ("1 / 0 == 1", None),
        ("9223372036854775807 + 1 > 0", None),
        ("image", None),
    ] {
        assert_eq!(says(&world, expression), holds, "{expression}");
    }
}

#[test]
fn what_is_wrong_says_where() {
    for (expression, says) in [
        ("image.startWith('a')", "there is no function `startWith` (did you mean `startsWith`?)"),
        ("image.startsWith()", "takes 2 values"),
        ("a ==", "expected a name, at character 5"),
        ("a b", "expected an operator or the end, at character 3"),
        ("'a", "not closed"),
        ("'\\q'", "escape"),
        ("a.matches(b)", "written out"),
        ("a.matches('(')", "regular expression"),
        ("has(1)", "asked of a field"),
        ("99999999999999999999", "too large"),
    ] {
        let error = Cel::parse(expression).unwrap_err();
        assert!(error.contains(says), "{expression}: {error}");
    }
    for deep in
        ["(".repeat(3000), "!".repeat(3000), "a+".repeat(1000), "a".repeat(5000), "[".repeat(100), "a.b".repeat(900)]
    {
        assert!(Cel::parse(&deep).is_err());
    }
}

#[test]
fn steps_are_bounded() {
    let list: Vec<String> = (0..2000).map(|number| number.to_string()).collect();
    let world = world(&format!("l: [{}]\n", list.join(",")));
    assert_eq!(says(&world, "l.all(a, a >= 0)"), Some(true));
    assert_eq!(says(&world, "l.all(a, l.all(b, a + b >= 0))"), None);
    assert_eq!(says(&world, "l.all(a, a in l)"), None);
    // Some thousand comparisons of a list that was made.
    assert_eq!(says(&world, "[l.map(x, x)].all(v, l.all(w, v == v))"), None);
}

/// Aliases make a few nodes stand for thousands of millions, and texts may be as long as their file.
#[test]
fn what_is_compared_and_copied_takes_steps() {
    let mut text = "a: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        text += &format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
    }
    text += &format!("one: *a39\nother: *a39\nfew: *a3\nlong: {}\nl: [1, 2, 3]\n", "x".repeat(1 << 20));
    let world = world(&text);
    assert_eq!(says(&world, "few == few"), Some(true));
    assert_eq!(says(&world, "one == other"), None);
    assert_eq!(says(&world, "one in [other]"), None);
    assert_eq!(says(&world, "{'a': one} == {'a': other}"), None);
    assert_eq!(says(&world, "long.contains('xxx') && size(long) == 1048576"), Some(true));
    let many = format!("[{}].all(v, l.all(w, v.upperAscii() != ''))", "long, ".repeat(40));
    assert_eq!(says(&world, &many), None);
}

/// Logic over names whose values are known, or not.
#[derive(Clone, Debug)]
enum Law {
    Name(usize),
    Not(Box<Law>),
    Both(Box<Law>, Box<Law>),
    One(Box<Law>, Box<Law>),
}

impl Law {
    fn text(&self) -> String {
        match self {
            Law::Name(at) => format!("n{at}"),
            Law::Not(law) => format!("!{}", law.text()),
            Law::Both(one, other) => format!("({} && {})", one.text(), other.text()),
            Law::One(one, other) => format!("({} || {})", one.text(), other.text()),
        }
    }

    fn holds(&self, values: &[bool; 3]) -> bool {
        match self {
            Law::Name(at) => values[*at],
            Law::Not(law) => !law.holds(values),
            Law::Both(one, other) => one.holds(values) && other.holds(values),
            Law::One(one, other) => one.holds(values) || other.holds(values),
        }
    }
}

fn law() -> impl Strategy<Value = Law> {
    (0usize..3).prop_map(Law::Name).prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|law| Law::Not(Box::new(law))),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| Law::Both(Box::new(one), Box::new(other))),
            (inner.clone(), inner).prop_map(|(one, other)| Law::One(Box::new(one), Box::new(other))),
        ]
    })
}

proptest! {
    /// An answer is given only when every filling in of what is not known gives it.
    #[test]
    fn unknowns_are_sound(law in law(), values in prop::array::uniform3(prop::option::of(any::<bool>()))) {
        let text: String = values
            .iter()
            .enumerate()
            .map(|(at, value)| format!("n{at}: {}\n", value.map_or("'?'".to_owned(), |value| value.to_string())))
            .collect();
        let said = says(&world(&text), &law.text());
        let fills = (0u8..8).map(|fill| [0, 1, 2].map(|at| values[at].unwrap_or(fill >> at & 1 == 1)));
        let answers: Vec<bool> = fills.map(|fill| law.holds(&fill)).collect();
        match said {
            Some(said) => prop_assert!(answers.iter().all(|answer| *answer == said)),
            None => prop_assert!(values.contains(&None)),
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9.!()|&'\"<>= +*?:\\[\\]{},-]{0,60}") {
        if let Ok(cel) = Cel::parse(&text) {
            let world = world(THING);
            cel.holds(Subject::Resource(&world, crate::resource::ResourceId(0)));
        }
    }
}
