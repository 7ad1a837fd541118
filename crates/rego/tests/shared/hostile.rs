//! Policies that would overflow the stack of the interpreter, fill memory, or hold it up for hours. Whoever asks policies takes this
//! file in by path, and shows that each of them harms no other.

/// A rule `deny` of the package `main` that has this value, in the form before OPA 1.0.
pub fn body(value: &str) -> String {
    format!("package main\n\ndeny[x] {{ x := {value} }}\n")
}

/// Each of them is refused with a place.
pub fn endless() -> Vec<String> {
    let rules: String = (0..15_000).map(|at| format!("r{at} := 1 {{ r{} }}\n", at + 1)).collect();
    let needed: String = (0..2_000).map(|at| format!("x{at}\nx{at} = x{}\n", at + 1)).collect();
    vec![
        body(&("1 +\n".repeat(15_000) + "1")),
        body(&format!("{}1{}", "[".repeat(32), "]".repeat(32))),
        body(&format!("{}1{}", "{\"a\": ".repeat(32), "}".repeat(32))),
        body(&format!("input{}", "[i].a".repeat(32))),
        body(&format!("{}1{}", "abs(".repeat(300), ")".repeat(300))),
        body("f(1)") + "\nf(x) = y { y := f(x + 1) }\n",
        body("f(1)") + "\nf(x) = y { y := g(x + 1) }\ng(x) = y { y := f(x) }\n",
        body("r0") + &rules,
        body("r0") + &"r0 := 1 { input.x }\n".repeat(100) + &"\n".repeat(30_000),
        body(&needed),
        "package main\n".to_owned() + &"import data.x\n".repeat(19_000),
    ]
}

/// Expressions that make much out of little; a package with one of them is refused.
pub const MUCH: [&str; 6] = [
    "numbers.range(1, 100000000)",
    "numbers.range (1, 100000000)",
    "numbers[\"range\"](-100000000, 1)",
    "numbers.range_step(1, 100000000, 2)",
    "bits.lsh(1, 4000000000)",
    "sprintf(\"%0100000000d\", [1])",
];

/// A package whose only result has few parts, which are shared, and stands for values without end.
pub fn shared_without_end() -> String {
    let doubled: String = (0..60).map(|at| format!("r{} := [r{at}, r{at}]\n", at + 1)).collect();
    format!("package main\n\nr0 := [1]\n{doubled}\ndeny[{{\"msg\": \"a\", \"x\": x}}] {{ x := r60 }}\n")
}
