//! The cases, in the order in which they run. A new one is a function `fn(&mut Page) -> Outcome` and a line in `all`.

mod accessibility;
mod config;
mod engine;
mod faults;
mod fetching;
mod groups;
mod lessons;
mod pipeline;
mod producer;
mod quorum;
mod recordings;
mod scene;
mod side;
mod speed;
mod start;
mod time;
mod tour;
mod transactions;

use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// What a case is about: the closing report counts each apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The engine compiled to WebAssembly, asked through the page's JavaScript API.
    Engine,
    /// The page, by clicks and keys.
    Page,
}

impl Part {
    /// Every part, in the order of the report.
    pub const ALL: [Part; 2] = [Part::Engine, Part::Page];

    /// The name in the closing report. `cargo xtask test` reads it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Engine => "engine in wasm",
            Part::Page => "page in browser",
        }
    }
}

/// A named case.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is about.
    pub part: Part,
    /// What holds when it passes, in words.
    pub name: &'static str,
    /// Does it. A failed `assert!` fails the case as an error does.
    pub run: fn(&mut Page<'_>) -> Outcome,
}

/// Every case.
pub fn all() -> Vec<Case> {
    vec![
        on_page("the page mounts under a sub-path", start::mounts_under_a_sub_path),
        on_page("a rehearsal leaves nothing behind", start::a_rehearsal_leaves_nothing_behind),
        on_page("errors in the console are heard", start::errors_in_the_console_are_heard),
        on_page("step keys work wherever the focus is", accessibility::step_keys_work_wherever_the_focus_is),
        on_page("everything has a name of its own", accessibility::everything_has_a_name_of_its_own),
        on_page(
            "every view fits every size, and axe-core finds nothing",
            accessibility::every_view_fits_and_axe_finds_nothing,
        ),
        on_page("a phone is for fingers", accessibility::a_phone_is_for_fingers),
        on_page("the chosen tab is in sight", accessibility::the_chosen_tab_is_in_sight),
        in_wasm("digests equal those of native code", engine::digests_equal_native_ones),
        on_page("a record's journey forward, back and forward again", tour::forward_back_and_forward_again),
        on_page("the link opens the same step in a second tab", tour::the_link_opens_the_same_step),
        on_page("a damaged link is told and nothing is lost", tour::a_damaged_link_is_told),
        on_page("it fits every screen, language and theme", tour::it_fits_every_screen),
        on_page("a link is cut one way, both ways and healed", faults::a_link_is_cut_one_way_both_ways_and_healed),
        on_page("a node is crashed from its window", faults::a_node_is_crashed_from_its_window),
        on_page(
            "from a crashed leader to the acknowledgement in few presses",
            faults::from_a_crashed_leader_to_the_acknowledgement,
        ),
        on_page(
            "a section leads to a lesson that is played",
            lessons::a_section_leads_to_a_lesson_that_is_played_to_its_end,
        ),
        on_page("a whole track is played", lessons::a_whole_track_is_played),
        on_page("an unfinished lesson goes on", lessons::an_unfinished_lesson_goes_on),
        on_page("lessons are played by answering and doing", lessons::lessons_are_played_by_answering_and_doing),
        on_page(
            "a recording is stepped beside Kafka's answers",
            recordings::a_recording_is_stepped_beside_kafkas_answers,
        ),
        on_page("lessons that cannot be fetched are fetched again", fetching::lessons_are_fetched_again),
        on_page("the rest of the texts is fetched again", fetching::the_rest_of_the_texts_is_fetched_again),
        on_page("a language that cannot be fetched is told", fetching::a_language_that_cannot_be_fetched_is_told),
        on_page("the page opens in a language that comes late", fetching::the_page_opens_in_a_language_that_comes_late),
        on_page("the shell says how much of the code is here", fetching::the_shell_says_how_much_is_here),
        on_page("code that cannot be fetched is told", fetching::code_that_cannot_be_fetched_is_told),
        on_page("what is fetched first is within the budget", fetching::what_is_fetched_first_is_within_the_budget),
        on_page("the rest of the code comes by itself", fetching::the_rest_of_the_code_comes_by_itself),
        on_page(
            "the rest of the code is fetched when it is needed",
            fetching::the_rest_of_the_code_is_fetched_when_it_is_needed,
        ),
        on_page("no text of the scene covers another or leaves its card", scene::texts_keep_their_places),
        on_page("the scene is zoomed, moved, shown whole again, and follows", scene::it_is_zoomed_moved_and_follows),
        on_page("one selection is shared by every tab", scene::one_selection_is_shared),
        on_page("the legend is a press away", scene::the_legend_is_a_press_away),
        on_page("envelopes that meet are stacked", scene::envelopes_are_stacked),
        on_page("many brokers are a matrix", scene::many_brokers_are_a_matrix),
        on_page("the right side tells why, whence and what next", side::the_right_side_tells_why_whence_and_what_next),
        on_page("four voters tie and elect", quorum::four_voters_tie_and_elect),
        on_page("a leader of the quorum crashes", quorum::a_leader_of_the_quorum_crashes),
        on_page(
            "a producer's batches are followed to their callback",
            producer::batches_are_followed_to_their_callback,
        ),
        on_page("clients are called from their windows", producer::clients_are_called_from_their_windows),
        on_page("a rebalance is followed to its cost", groups::a_rebalance_is_followed_to_its_cost),
        on_page("a commit is followed to its last marker", transactions::a_commit_is_followed_to_its_last_marker),
        on_page("a request is followed through the pipeline", pipeline::a_request_is_followed_through_the_pipeline),
        on_page(
            "the intro and the offers stay as long as they should",
            side::the_intro_and_the_offers_stay_as_long_as_they_should,
        ),
        on_page("nothing moves away by itself", side::nothing_moves_away_by_itself),
        on_page("a key is followed to its partition", side::a_key_is_followed_to_its_partition),
        on_page("a setting is changed while the cluster runs", side::a_setting_is_changed_while_the_cluster_runs),
        on_page("the lab is filled from the cluster", side::the_lab_is_filled_from_the_cluster),
        on_page("a lesson survives a reload", lessons::a_lesson_survives_a_reload),
        on_page("a table of a lesson is filled by the engine", lessons::a_table_is_filled_by_the_engine),
        on_page("lines and files are goals of lessons", lessons::lines_and_files_are_goals),
        on_page("a combined cluster is built from pasted files", config::a_combined_cluster_is_built_from_pasted_files),
        on_page("the console answers as the tools do", config::the_console_answers_as_the_tools_do),
        on_page("a wait is counted and unfolded", time::a_wait_is_counted_and_unfolded),
        on_page("the next change is told beforehand", time::the_next_change_is_told_beforehand),
        on_page("nothing is lost", time::nothing_is_lost),
        on_page("a reload changes nothing", time::a_reload_changes_nothing),
        on_page("runs and branches survive a reload", time::runs_and_branches_survive_a_reload),
        on_page("a far link opens in slices", time::a_far_link_opens_in_slices),
        on_page("speed is reported", speed::speed_is_reported),
        on_page("a press makes few elements", speed::a_press_makes_few_elements),
        on_page("the cost of a press is reported", speed::the_cost_of_a_press_is_reported),
    ]
}

fn on_page(name: &'static str, run: fn(&mut Page<'_>) -> Outcome) -> Case {
    Case { part: Part::Page, name, run }
}

fn in_wasm(name: &'static str, run: fn(&mut Page<'_>) -> Outcome) -> Case {
    Case { part: Part::Engine, name, run }
}
