use super::*;
use crate::families;
use crate::resource::ResourceId;
use crate::tree::Data;
use proptest::prelude::*;

fn read(files: &[(&str, &str)]) -> World {
    let texts = files.iter().map(|(path, text)| Text::new(*path, *text)).collect();
    let (world, unread) = families::world(texts);
    assert_eq!(unread, Vec::<String>::new());
    world
}

fn all<'w>(world: &'w World, name: &'w str, field: &'w str) -> Vec<String> {
    let named = |id: &ResourceId| world.root(*id).get("name").and_then(|node| node.text()) == Some(name);
    let said = |id: ResourceId| match world.field(id, field).map(|node| node.data()) {
        None => "-".to_owned(),
        Some(Data::Unknown(_)) => "?".to_owned(),
        Some(_) => world.field(id, field).and_then(|node| node.scalar()).unwrap_or_default(),
    };
    world.ids().filter(named).map(said).collect()
}

#[test]
fn files_are_told_by_what_they_say() {
    let is = |path: &str, text: &str| is(&Text::new(path, text));
    assert!(is("a/site.conf", "server { listen 80; }"));
    assert!(is("etc/nginx/sites-available/default", "# x\nserver { listen 80; }"));
    assert!(is("a/default.conf.template", "server { listen ${PORT}; }"));
    assert!(is("snippet.conf", "add_header A b;"));
    for (path, text) in [
        ("a.conf", "[main]\na = b;\n"),
        ("named.conf", "options { directory \"/x\"; };\nserver 10.0.0.1 { bogus yes; };"),
        ("sites-available/a.conf", "<VirtualHost *:80>\n</VirtualHost>"),
        ("a.conf", "include \"x.conf\";"),
        ("a.conf", "server { {% if x %} listen 80; }"),
        ("a.conf", "user root"),
        ("a.yml", "server { listen 80; }"),
    ] {
        assert!(!is(path, text), "{path} {text}");
    }
}

#[test]
fn what_a_block_has_comes_from_the_nearest_one() {
    let world = read(&[
        (
            "nginx/nginx.conf",
            "http { add_header X-Frame-Options DENY always; include conf.d/*.conf; include mime.types; }",
        ),
        ("nginx/conf.d/a.conf", "server { location / { add_header A b; } location /x { proxy_pass https://b; } }"),
    ]);
    assert_eq!(all(&world, "add_header", "lost"), ["-", "X-Frame-Options"]);
    assert_eq!(all(&world, "http", "server_tokens"), ["on"]);
    assert_eq!(all(&world, "proxy_pass", "upstream_unverified"), ["true"]);
}

#[test]
fn what_is_included_from_nowhere_is_not_known() {
    let world = read(&[(
        "nginx.conf",
        "http { include /etc/nginx/conf.d/*.conf; server { listen 443 ssl; include tls.conf; } }",
    )]);
    assert_eq!(all(&world, "http", "server_tokens"), ["?"]);
    assert_eq!(all(&world, "server", "hsts_missing"), ["?"]);
}

#[test]
fn files_that_include_each_other_end() {
    let world = read(&[
        ("nginx.conf", "http { include a.conf; server_tokens off; }"),
        ("a.conf", "include b.conf; server { include b.conf; }"),
        ("b.conf", "include a.conf; add_header A $uri;"),
    ]);
    assert_eq!(all(&world, "add_header", "splits"), ["true"]);
    assert_eq!(all(&world, "http", "server_tokens"), ["off"]);
}

#[test]
fn templates_have_open_values() {
    let world = read(&[("a.conf.template", "server { listen ${PORT}; server_tokens $TOKENS; set $x ${host}; }")]);
    let open = |id: ResourceId| {
        world.root(id).at(&["args"]).and_then(|args| args.items().next()).is_some_and(|arg| arg.is_open())
    };
    let names: Vec<_> = world.ids().filter(|id| open(*id)).map(|id| world.resource(id).name.clone()).collect();
    assert_eq!(names, ["listen", "server_tokens"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_panics(words in proptest::collection::vec(prop_oneof![
        Just("server"), Just("location"), Just("{"), Just("}"), Just(";"), Just("~"), Just("/a(.*)$"), Just("return"), Just("$uri"),
        Just("add_header"), Just("map"), Just("$x"), Just("set"), Just("include"), Just("*.conf"), Just("if"), Just("($a"), Just("x)"),
        Just("proxy_pass"), Just("http://$1"), Just("listen"), Just("root"), Just("alias"), Just("\u{e9}'"), Just("${"), Just("{{")
    ], 0..40)) {
        let text = words.join(" ");
        let files = [("nginx.conf", text.as_str()), ("a.conf.template", text.as_str())];
        families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect());
    }
}
