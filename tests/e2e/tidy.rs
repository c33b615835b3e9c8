//! The house rules that a compiler does not know: who may import whom, where the environment is read, how long a
//! file may get, which names the outside relies on.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Lines of a file of the programs.
const LINES_MAX: usize = 450;
/// Lines of a file of tests, which is read from one case to the next.
const TEST_LINES_MAX: usize = 650;

const SHARED: [&str; 9] = [
    "sync-core",
    "sealing",
    "sync-engine",
    "connector-http",
    "connector-google",
    "connector-crm",
    "store-aws",
    "store-local",
    "connections",
];

/// Who may import whom of ours: downward only, never sideways. Tests may import the second list as well.
fn floors() -> BTreeMap<&'static str, (Vec<&'static str>, Vec<&'static str>)> {
    let functions = |more: &[&'static str], without: &str| {
        let all = SHARED.iter().chain(more).copied();
        all.filter(|name| *name != without).collect::<Vec<_>>()
    };
    let for_tests = vec!["sync-engine", "simulators"];
    let connector = vec!["sync-core", "connector-http"];
    BTreeMap::from([
        ("sync-core", (vec![], vec!["sync-core"])),
        ("sealing", (vec![], vec![])),
        ("sync-engine", (vec!["sync-core", "sealing"], vec!["sync-engine"])),
        ("connector-http", (vec!["sync-core"], vec![])),
        ("simulators", (vec!["sync-core"], vec![])),
        ("connector-google", (connector.clone(), for_tests.clone())),
        ("connector-crm", (connector.clone(), for_tests.clone())),
        ("store-aws", (connector, for_tests.clone())),
        ("store-local", (vec!["sync-core", "sealing"], for_tests.clone())),
        (
            "connections",
            (
                vec![
                    "sync-core",
                    "sealing",
                    "sync-engine",
                    "connector-http",
                    "connector-google",
                    "connector-crm",
                ],
                for_tests.clone(),
            ),
        ),
        ("web", (functions(&[], ""), for_tests.clone())),
        ("sync", (functions(&[], ""), for_tests.clone())),
        (
            "local",
            (functions(&["web", "sync", "simulators"], "store-aws"), for_tests),
        ),
        (
            "bench",
            (functions(&["web", "sync", "local", "simulators"], ""), vec![]),
        ),
        (
            "e2e",
            (vec![], functions(&["web", "sync", "local", "simulators"], "")),
        ),
    ])
}

/// Libraries that a crate exists to fence, and the crates that may have them. Tests and measurements are free.
const FENCES: [(&str, &[&str]); 7] = [
    ("reqwest", &["connector-http"]),
    ("rustls", &["connector-http"]),
    ("aws-", &["store-aws"]),
    ("rusqlite", &["store-local"]),
    ("axum", &["web", "local", "simulators"]),
    ("lambda_", &["web", "sync"]),
    ("rand", &["web", "sync", "local", "simulators"]),
];

/// The environment of the public interface.
const VARIABLES: [&str; 21] = [
    "PUBLIC_URL",
    "TABLE_NAME",
    "SECRETS_PREFIX",
    "SCHEDULE_GROUP",
    "SCHEDULE_ROLE_ARN",
    "SYNC_FUNCTION_ARN",
    "SCHEDULE_DLQ_ARN",
    "TOKEN_STORAGE",
    "ADMIN_KEY",
    "ADMIN_KEY_SECRET",
    "GOOGLE_AUTH_URL",
    "GOOGLE_TOKEN_URL",
    "GOOGLE_REVOKE_URL",
    "GOOGLE_USERINFO_URL",
    "GOOGLE_CALENDAR_URL",
    "GOOGLE_TASKS_URL",
    "GOOGLE_PEOPLE_URL",
    "ALLOW_PRIVATE_CRM",
    "AWS_ENDPOINT_URL",
    "RUST_LOG",
    "LOG_FORMAT",
];

/// The addresses of the public interface.
const ADDRESSES: [&str; 20] = [
    "/healthz",
    "/api/v1/openapi.json",
    "/api/v1/crms",
    "/api/v1/crms/{crm}",
    "/api/v1/crms/{crm}/check",
    "/api/v1/crms/{crm}/google-client",
    "/api/v1/crms/{crm}/link-key",
    "/api/v1/crms/{crm}/links",
    "/api/v1/crms/{crm}/links/{user}",
    "/api/v1/crms/{crm}/links/{user}/settings",
    "/api/v1/crms/{crm}/links/{user}/preview",
    "/api/v1/crms/{crm}/links/{user}/sync",
    "/api/v1/crms/{crm}/links/{user}/confirm",
    "/api/v1/crms/{crm}/links/{user}/runs",
    "/api/v1/crms/{crm}/links/{user}/journal",
    "/api/v1/crms/{crm}/links/{user}/journal/{entry}/restore",
    "/authorize",
    "/oauth/google/callback",
    "/me",
    "/admin",
];

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below these folders, relative to the root.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

/// Every Rust file of ours.
fn sources() -> Vec<PathBuf> {
    let all = files(&[
        "functions",
        "shared",
        "tests/bench",
        "tests/e2e",
        "tests/simulators",
    ]);
    all.into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Whether a file holds nothing but tests, or belongs to a crate that does.
fn is_test(path: &Path) -> bool {
    path.starts_with("tests")
        || path
            .iter()
            .any(|part| part == "tests" || part == "tests.rs" || part == "contract")
}

/// The lines of a file outside of its own tests, numbered, without comments.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = read(path);
    let lines = text.lines().enumerate();
    lines
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect()
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Every place in the files where one of the words stands.
fn places_of<'a>(words: &[&str], files: impl Iterator<Item = &'a PathBuf>) -> Vec<String> {
    let mut places = Vec::new();
    for path in files {
        for (number, line) in code(path) {
            if words.iter().any(|word| line.contains(word)) {
                places.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    places
}

struct Package {
    name: String,
    manifest: String,
    /// Name and kind: `normal`, `dev`, `build`.
    dependencies: Vec<(String, String)>,
}

fn packages() -> Vec<Package> {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("normal").to_owned();
    let packages = told["packages"].as_array().unwrap().iter();
    packages
        .map(|package| Package {
            name: text(&package["name"]),
            manifest: text(&package["manifest_path"]),
            dependencies: package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|dependency| (text(&dependency["name"]), text(&dependency["kind"])))
                .collect(),
        })
        .collect()
}

#[test]
fn crates_import_downward_only() {
    let floors = floors();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some((allowed, in_tests)) = floors.get(package.name.as_str()) else {
            wrong.push(format!("{} has no place in the house", package.name));
            continue;
        };
        for (name, kind) in &package.dependencies {
            let ours = floors.contains_key(name.as_str());
            let may = allowed.contains(&name.as_str()) || kind == "dev" && in_tests.contains(&name.as_str());
            if ours && !may {
                wrong.push(format!("{} may not import {name} ({kind})", package.name));
            }
        }
    }
    assert_none(&wrong, "downward only, never sideways");
}

#[test]
fn what_a_crate_fences_is_nowhere_else() {
    let mut wrong = Vec::new();
    for package in packages() {
        let is_free = ["e2e", "bench"].contains(&package.name.as_str());
        for (name, kind) in &package.dependencies {
            let fence = FENCES.iter().find(|(fenced, _)| {
                name == fenced || fenced.ends_with(['-', '_']) && name.starts_with(fenced)
            });
            if let Some((_, inside)) = fence
                && kind != "dev"
                && !is_free
                && !inside.contains(&package.name.as_str())
            {
                wrong.push(format!("{} has {name}", package.name));
            }
        }
    }
    assert_none(&wrong, "a crate exists to fence a library");
}

#[test]
fn every_crate_keeps_the_lints_of_the_house() {
    for package in packages() {
        let manifest = read(&package.manifest);
        assert!(
            manifest.contains("[lints]\nworkspace = true\n"),
            "{} has lints of its own",
            package.name
        );
    }
}

#[test]
fn the_environment_is_read_in_the_functions_configurations_only() {
    let sources = sources();
    let is_config = |path: &PathBuf| {
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        matches!(parts.as_slice(), ["functions", _, "src", "config.rs"])
    };
    let others = sources.iter().filter(|path| !is_test(path) && !is_config(path));
    let read = ["env::var", "env::vars", "env::set_var", "option_env!"];
    assert_none(&places_of(&read, others), "the environment is read elsewhere");
    let configs = sources.iter().filter(|path| is_config(path));
    assert_eq!(
        places_of(&["env::var"], configs).len(),
        3,
        "one reader for each function"
    );
}

#[test]
fn the_decision_is_pure() {
    let sources = sources();
    let core = sources
        .iter()
        .filter(|path| path.starts_with("shared/sync-core/src") && !is_test(path));
    let impure = [
        "Utc::now",
        "Local::now",
        "SystemTime",
        "Instant",
        "rand::",
        "new_v4",
        "getrandom",
        "tokio",
        "std::fs",
        "std::net",
        "std::thread",
    ];
    assert_none(
        &places_of(&impure, core.clone()),
        "neither clock, nor chance, nor anything outside",
    );
    // There the hash is always the same, and what is left in the end is put in order.
    let ordered = core.filter(|path| !path.ends_with("reconcile/present.rs"));
    assert_none(
        &places_of(&["HashMap", "HashSet", "DefaultHasher"], ordered),
        "what has no order decides nothing",
    );
}

#[test]
fn clock_and_randomness_enter_at_the_mains_only() {
    let sources = sources();
    let behind = sources.iter().filter(|path| {
        let is_main = path.ends_with("main.rs") && path.starts_with("functions");
        !is_test(path) && !is_main
    });
    let words = ["Utc::now", "Local::now", "SystemTime::now", "rand::", "new_v4"];
    assert_none(
        &places_of(&words, behind),
        "clock and randomness come in through handles",
    );
}

#[test]
fn no_file_is_longer_than_one_can_keep_in_mind() {
    let mut long = Vec::new();
    for path in sources() {
        let lines = read(&path).lines().count();
        let most = if is_test(&path) { TEST_LINES_MAX } else { LINES_MAX };
        if lines > most {
            long.push(format!("{}: {lines} lines, at most {most}", path.display()));
        }
    }
    assert_none(&long, "split them");
}

#[test]
fn every_module_has_a_home_and_every_crate_says_what_it_is() {
    let homeless = ["utils", "util", "common", "types", "prelude", "helpers", "misc"];
    let mut wrong = Vec::new();
    for path in sources() {
        let names = path.with_extension("");
        let found = names
            .iter()
            .filter_map(|part| part.to_str())
            .find(|part| homeless.contains(part));
        wrong.extend(found.map(|name| format!("{}: {name} is no home", path.display())));
        let begins_a_crate = ["lib.rs", "main.rs"].iter().any(|name| path.ends_with(name));
        if begins_a_crate && !read(&path).starts_with("//!") {
            wrong.push(format!("{} does not say what it is", path.display()));
        }
    }
    assert_none(&wrong, "a thing without a home is not understood yet");
}

#[test]
fn no_crm_knows_another() {
    let folder = "shared/connector-crm/src";
    let crms: BTreeSet<String> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(crms.contains("suitecrm"));
    let sources = sources();
    for crm in &crms {
        let others: Vec<String> = crms
            .iter()
            .filter(|other| *other != crm)
            .map(|other| format!("{other}::"))
            .collect();
        let words: Vec<&str> = others.iter().map(String::as_str).collect();
        let own = sources
            .iter()
            .filter(|path| path.starts_with(Path::new(folder).join(crm)));
        assert_none(&places_of(&words, own), "shared needs go down to connector-http");
    }
}

#[test]
fn nothing_is_left_for_later() {
    let later = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
        concat!("unimplem", "ented!"),
    ];
    let mut found = Vec::new();
    for path in sources() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            if later.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert_none(&found, "finish it, or take it out");
}

#[test]
fn the_top_level_is_as_it_was_given() {
    let known = [
        ".ci",
        ".clippy.toml",
        ".git",
        ".gitignore",
        ".rustfmt.toml",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "functions",
        "infra",
        "samconfig.toml",
        "shared",
        "tests",
    ];
    let made = read(".gitignore");
    let is_made = |name: &str| made.lines().any(|line| line.trim_matches('/') == name);
    let strange: Vec<String> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !known.contains(&name.as_str()) && !is_made(name))
        .collect();
    assert_none(&strange, "not of the top level");
}

/// Texts in capitals between quotation marks: the names of variables.
fn variables_in(path: &Path) -> BTreeSet<String> {
    let lines = code(path).into_iter().map(|(_, line)| line);
    let mut names = BTreeSet::new();
    for line in lines {
        let quoted = line.split('"').skip(1).step_by(2);
        let is_name = |text: &&str| {
            text.len() > 3
                && text.contains('_')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        names.extend(quoted.filter(is_name).map(str::to_owned));
    }
    names
}

#[test]
fn variables_are_those_of_the_interface_in_code_and_template() {
    let interface: BTreeSet<String> = VARIABLES.iter().map(|name| (*name).to_owned()).collect();
    let readers =
        ["web", "sync", "local"].map(|name| PathBuf::from(format!("functions/{name}/src/config.rs")));
    let mut read_by_code: BTreeSet<String> = readers.iter().flat_map(|path| variables_in(path)).collect();
    read_by_code.extend(variables_in(Path::new("shared/connections/src/variables.rs")));
    // The SDK's own, given by Lambda.
    let own: BTreeSet<String> = [
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(
        &read_by_code - &own,
        interface,
        "what the code reads, and what the interface says"
    );

    let template = read("infra/template.yaml");
    let set: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| {
            name.contains('_') && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        })
        .collect();
    // The administrator's key itself would be a secret in plain sight.
    let settable: BTreeSet<String> = interface.into_iter().filter(|name| name != "ADMIN_KEY").collect();
    assert_eq!(
        set, settable,
        "what the template sets, and what the interface says"
    );
}

#[test]
fn addresses_are_those_of_the_interface() {
    let mut served = BTreeSet::new();
    for path in files(&["functions/web/src"])
        .into_iter()
        .filter(|path| !is_test(path))
    {
        let prefix = if path.starts_with("functions/web/src/api") {
            "/api/v1"
        } else {
            ""
        };
        let text = code(&path).into_iter().map(|(_, line)| line).collect::<String>();
        for rest in text.split(".route(").skip(1) {
            let address = rest.split('"').nth(1).unwrap_or_default();
            served.insert(format!("{prefix}{address}"));
        }
    }
    let missing: Vec<String> = ADDRESSES
        .iter()
        .filter(|address| !served.contains(**address))
        .map(|address| (*address).to_owned())
        .collect();
    assert_none(&missing, "promised and not served");
    let beyond: Vec<String> = served
        .into_iter()
        .filter(|address| address.starts_with("/api/") && !ADDRESSES.contains(&address.as_str()))
        .collect();
    assert_none(&beyond, "served and not promised");
    // What Google is told is what is served.
    assert!(read("infra/template.yaml").contains("oauth/google/callback"));
}

#[test]
fn there_is_one_way_out_and_one_tls() {
    let lock = read("Cargo.lock");
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let line = package
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
            line.unwrap_or_default().trim_end_matches('"')
        };
        versions.entry(field("name")).or_default().push(field("version"));
    }
    for second in [
        "native-tls",
        "openssl",
        "openssl-sys",
        "aws-lc-rs",
        "aws-lc-sys",
        "hyper-tls",
        "ureq",
        "curl",
        "isahc",
    ] {
        assert!(!versions.contains_key(second), "{second} is a second stack");
    }
    for one in [
        "reqwest",
        "rustls",
        "hyper",
        "http",
        "h2",
        "tokio",
        "ring",
        "rustls-webpki",
    ] {
        let found = &versions[one];
        assert_eq!(found.len(), 1, "{one} is there in versions {found:?}");
    }
    assert!(!versions["hyper"][0].starts_with("0."));
}

/// Names of tests and their functions: of Rust by `fn`, of Python by `def`.
fn names_of_tests() -> BTreeSet<String> {
    let of = |path: &Path, word: &str| -> Vec<String> {
        let text = read(path);
        let names = text.split(word).skip(1).filter_map(|rest| rest.split('(').next());
        names.map(|name| name.trim().to_owned()).collect()
    };
    let rust = sources()
        .into_iter()
        .filter(|path| is_test(path) || read(path).contains("#[cfg(test)]"));
    let mut names: BTreeSet<String> = rust.flat_map(|path| of(&path, "fn ")).collect();
    for path in files(&["tests"]) {
        if path.extension().is_some_and(|extension| extension == "py") {
            names.extend(of(&path, "def "));
        }
    }
    names
}

#[test]
fn every_requirement_of_security_names_tests_that_exist() {
    let page = read("functions/web/ASVS.md");
    let held = page
        .split("## ")
        .find(|part| part.starts_with("Held by tests"))
        .unwrap();
    let names = names_of_tests();
    let mut wrong = Vec::new();
    let mut rows = 0;
    // Behind the heading and the line under it, which has no words in it.
    for row in held
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| **"))
        .skip(1)
    {
        let tests = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        let cited: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        if cited.is_empty() {
            wrong.push(format!("no test: {row}"));
        }
        let missing = cited.iter().filter(|name| !names.contains(**name));
        wrong.extend(missing.map(|name| format!("{name} is no test")));
        rows += 1;
    }
    assert!(rows > 40, "{rows} rows");
    assert_none(&wrong, "the page on security and the tests");
}
