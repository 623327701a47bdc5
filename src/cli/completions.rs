//! `followup completions` and `followup man`.

use super::{CliError, Exit, args::Completions, output::Output};

pub(super) fn run(command: &Completions, output: &Output) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut super::command(), "followup", &mut script);
    output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

/// One page for all: the library would make one for every command, and refer to pages that nobody has.
pub(super) fn man(output: &Output) -> Result<Exit, CliError> {
    output.text(&page().map_err(|error| CliError::bug(format!("cannot write the manual page: {error}")))?)?;
    Ok(Exit::Fine)
}

fn page() -> std::io::Result<String> {
    let mut program = super::command();
    program.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(program.clone()).render(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).replace("followup\\-", "followup ").replace("(1)\n", "\n");
    describe(&program, "followup", &mut page)?;
    Ok(page)
}

/// Describes the commands below `parent`, each with what only it takes.
fn describe(parent: &clap::Command, name: &str, page: &mut String) -> std::io::Result<()> {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{name} {}", command.get_name());
        page.push_str(&format!(".SH {name}\n"));
        let is_everywhere =
            |arg: &clap::Arg| arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str());
        let own = command.clone().mut_args(|arg| {
            let is_hidden = is_everywhere(&arg);
            arg.hide(is_hidden)
        });
        let man = clap_mangen::Man::new(own);
        let mut sections = Vec::new();
        man.render_description_section(&mut sections)?;
        man.render_synopsis_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        let sections = String::from_utf8_lossy(&sections).into_owned();
        // The page has said before what its apostrophes are, and needs no heading over one sentence.
        let lines = sections.lines().filter(|line| {
            !line.starts_with(".ie ") && !line.starts_with(".el ") && *line != ".SH DESCRIPTION"
        });
        for line in lines {
            page.push_str(&format!("{}\n", line.replace(".SH ", ".SS ")));
        }
        describe(command, &name, page)?;
    }
    Ok(())
}
