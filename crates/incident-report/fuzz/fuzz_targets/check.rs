/// What holds for every reading: lines exist, quotes stand where they say, and nothing comes twice or out of order.
fn check(reading: &incident_report::Reading, text: &str) {
    let mut lines = 1 + text.matches('\n').count();
    lines += text.matches('\r').count();
    let mut before = 0;
    for action in &reading.actions {
        assert!((1..=lines).contains(&action.line), "line {} of {lines}", action.line);
        assert!(action.line >= before, "actions come in the order of the document");
        assert!(!action.title.trim().is_empty(), "an action has a title");
        before = action.line;
    }
    for miss in &reading.near_misses {
        assert!((1..=lines).contains(&miss.line), "line {} of {lines}", miss.line);
    }
    for warning in &reading.warnings {
        assert!(warning.line.is_none_or(|line| (1..=lines).contains(&line)), "{warning:?} of {lines}");
    }
}
