//! Where results go: files that are whole or not there, tables that grow, folders of one run's results.

mod atomic_file;
mod failure;
mod growing_table;
mod results_folder;
mod sample_names;

pub use atomic_file::AtomicFile;
pub use failure::{OutputFailure, WritingTo};
pub use growing_table::GrowingTable;
pub use results_folder::{Request, ResultsFolder, State};
pub use sample_names::{Numbered, NumberedRecords, Sample, first_word};
