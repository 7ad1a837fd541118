//! What is scanned: folders of each sort, made from a seed, or given.

use crate::words::Words;
use anyhow::{Context as _, Result, ensure};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use xtask::random::Random;

/// Bytes of a made-up source file; most are some KB.
const SOURCE_BYTES: usize = 12 * 1024;
/// Files of one folder.
const A_FOLDER: usize = 200;
/// One file in so many has a secret.
const ONE_SECRET_IN: u64 = 60;

/// Workflows in one repository.
pub fn workflows(folder: &Path, count: u64) -> Result<()> {
    let folder = folder.join(".github/workflows");
    fs::create_dir_all(&folder)?;
    for number in 0..count {
        let mut text = format!("name: build {number}\non: [push, pull_request]\njobs:\n");
        for job in 0..3 {
            let _ = write!(
                text,
                "  job{job}:\n    runs-on: ubuntu-24.04\n    permissions: {{contents: read}}\n    steps:\n      - uses: actions/checkout@v{}\n      - name: greet\n        run: |\n          echo \"${{{{ github.event.pull_request.title }}}}\"\n          make test NUMBER={number}\n      - uses: acme/deploy-{job}@main\n        with:\n          token: ${{{{ secrets.DEPLOY }}}}\n",
                number % 5
            );
        }
        fs::write(folder.join(format!("build{number}.yml")), text)?;
    }
    Ok(())
}

/// Dockerfiles, each in a folder of its own.
pub fn dockerfiles(folder: &Path, count: u64) -> Result<()> {
    for number in 0..count {
        let folder = folder.join(format!("image{number}"));
        fs::create_dir_all(&folder)?;
        let text = format!(
            "FROM debian:12 AS build\nARG VERSION={number}\nRUN apt-get update && apt-get install -y gcc make curl\nWORKDIR src\nCOPY . .\nRUN cd lib && make VERSION=$VERSION && curl -sL https://example.org/i.sh | sh\n\nFROM debian\nCOPY --from=build /src/app /app\nENV MODE=production\nEXPOSE 8080\nCMD /app --port 8080\n"
        );
        fs::write(folder.join("Dockerfile"), text)?;
    }
    Ok(())
}

/// Manifests of deployments and services.
pub fn manifests(folder: &Path, count: u64) -> Result<()> {
    fs::create_dir_all(folder)?;
    for number in 0..count {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web{number}, namespace: shop}}\nspec:\n  replicas: 2\n  selector: {{matchLabels: {{app: web{number}}}}}\n  template:\n    metadata: {{labels: {{app: web{number}}}}}\n    spec:\n      containers:\n        - name: app\n          image: registry.example/web:latest\n          ports: [{{containerPort: 8080}}]\n          securityContext: {{privileged: {}}}\n          env:\n            - {{name: MODE, value: production}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: web{number}, namespace: shop}}\nspec:\n  selector: {{app: web{number}}}\n  ports: [{{port: 80, targetPort: 8080}}]\n",
            number % 3 == 0
        );
        fs::write(folder.join(format!("web{number}.yml")), text)?;
    }
    Ok(())
}

/// Sources of about so many bytes, a secret in some of them.
pub fn sources(folder: &Path, bytes: u64, seed: u64) -> Result<()> {
    let words = Words::new(seed);
    let mut random = Random::new(seed);
    for number in 0..bytes.div_ceil(SOURCE_BYTES as u64) {
        let folder = folder.join(format!("part{}", number as usize / A_FOLDER));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("file{number}.py")), source(&words, &mut random))?;
    }
    Ok(())
}

/// A file that reads like a program.
fn source(words: &Words, random: &mut Random) -> String {
    let mut text = String::with_capacity(SOURCE_BYTES + 256);
    while text.len() < SOURCE_BYTES {
        let (a, b, c) = (words.pick(random), words.pick(random), words.pick(random));
        let line = match random.below(8) {
            0 => format!("\n\ndef {a}_{b}({c}, key=None):\n    \"\"\"The {b} of {c} {a}.\"\"\"\n"),
            1 => format!("    if {a}.{b}(\"{c}\") is None:\n        raise ValueError(\"no {c} in {a}\")\n"),
            2 => format!("    self.{a}_token = config[\"{b}\"]  # the {c} of {a}\n"),
            3 => format!("    # {a} {b} {c} when the {b} has no {a}\n"),
            4 => format!("    digest = \"{:016x}{:016x}\"\n", random.bits(), random.bits()),
            5 => format!("    password = os.environ[\"{}_PASSWORD\"]\n", a.to_uppercase()),
            _ => format!("    {a} = {b}.{c}({}, \"{b}/{a}\")\n", random.below(10_000)),
        };
        text.push_str(&line);
    }
    if random.below(ONE_SECRET_IN) == 0 {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let key: String = (0..16).map(|_| char::from(letters[random.below(letters.len() as u64) as usize])).collect();
        let _ = writeln!(text, "aws_access_key_id = \"AKIA{key}\"");
    }
    text
}

/// A repository whose commits each change some sources.
pub fn history(folder: &Path, commits: u64, seed: u64) -> Result<()> {
    fs::create_dir_all(folder)?;
    let git = || {
        let mut git = Command::new("git");
        git.current_dir(folder).stdout(Stdio::null());
        git
    };
    ensure!(git().args(["init", "--quiet"]).status()?.success(), "git init failed");
    let mut import = git().args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().context("git fast-import")?;
    let mut pipe = std::io::BufWriter::new(import.stdin.take().context("git fast-import")?);
    let words = Words::new(seed);
    let mut random = Random::new(seed);
    for commit in 0..commits {
        let time = 1_700_000_000 + commit * 600;
        write!(pipe, "commit refs/heads/main\ncommitter a <a@example.org> {time} +0000\ndata 1\nx\n")?;
        for _ in 0..8 {
            let text = source(&words, &mut random);
            let path = format!("part{}/file{}.py", random.below(20), random.below(100));
            write!(pipe, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
        }
    }
    pipe.flush()?;
    drop(pipe);
    ensure!(import.wait()?.success(), "git fast-import failed");
    ensure!(git().args(["reset", "--quiet", "--hard", "main"]).status()?.success(), "git reset failed");
    Ok(())
}

/// Bytes of the files below a folder.
pub fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != ".git" {
            sum += bytes(&entry.path())?;
        } else if kind.is_file() {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
