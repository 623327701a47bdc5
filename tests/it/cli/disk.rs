//! A disk that has no room: every command ends with a sentence that names the disk, nothing that was said to be done is
//! lost, and what the next run finishes is there once.

use std::process::Command;

use super::{REPO, Ran, Shell};

/// Runs `followup` where no file may grow beyond so many blocks, of 512 or 1,024 bytes as the shell counts them.
fn run_within(team: &Shell, blocks: u32, line: &str) -> Ran {
    let program = team.command(line);
    // Without the trap the system ends the program; with it, writing fails as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(script).arg(program.get_program()).args(program.get_args());
    shell.current_dir(team.folder.path()).env_clear().envs(&team.variables);
    team.ran(line, shell.output().unwrap())
}

/// What stands in the way when the file that readers and writers share cannot be made.
const NO_ROOM_AT_ALL: u32 = 8;

/// The same when the first changes still fit.
const LITTLE_ROOM: u32 = 70;

#[test]
fn where_no_file_can_be_made_the_disk_is_named() {
    let team = Shell::with_accepted_actions();
    let before = team.everything();
    let full = run_within(&team, NO_ROOM_AT_ALL, "list --format json").exits(3);
    assert_eq!(
        full.failure(),
        "database: [FOLDER]/followup.db: the disk is full\n→ free some space, then run the command again; nothing is lost"
    );
    assert_eq!(team.everything(), before);
}

#[test]
fn a_database_that_cannot_be_made_for_want_of_room_is_no_bug() {
    let team = Shell::new();
    let full = run_within(&team, LITTLE_ROOM, "init --repo acme/platform --format json").exits(3);
    let failure = full.failure();
    assert!(failure.contains("the database file cannot be read or written"), "{failure}");
    assert!(!failure.contains("bug"), "{failure}");
    team.run("init --repo acme/platform");
    assert_eq!(team.json("list").as_array().unwrap().len(), 0);
}

#[test]
fn an_import_that_finds_no_room_is_not_there_by_half() {
    let team = Shell::with_github();
    team.write("other.md", "# Other\n\n## Action items\n\n- Rotate the key\n");
    team.runs("import other.md --accept");
    let before = team.everything();
    let full = run_within(&team, LITTLE_ROOM, "import checkout.txt --accept --format json");
    let failure = full.exits(3).failure();
    assert!(failure.contains("the database file cannot be read or written"), "{failure}");
    assert!(failure.contains("its space, your quota"), "{failure}");
    assert_eq!(team.everything(), before);

    team.runs("import checkout.txt --accept");
    assert_eq!(team.json("list").as_array().unwrap().len(), 5);
}

#[test]
fn a_publish_that_runs_out_of_room_goes_on_where_it_was() {
    let team = Shell::with_accepted_actions();
    let full = run_within(&team, LITTLE_ROOM, "publish --format json").exits(3);
    assert!(full.failure().contains("the database file cannot be read or written"), "{}", full.page());

    team.runs("publish");
    team.runs("sync");
    let mut titles: Vec<_> = team.github().issues(REPO).into_iter().map(|issue| issue.title).collect();
    let all = titles.len();
    titles.sort();
    titles.dedup();
    assert_eq!((titles.len(), all), (5, 5), "{titles:?}");
}
