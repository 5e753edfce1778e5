//! Output of results: files that appear complete or not at all, growing tables, and folders for the results of one run.

mod atomic_file;
mod dataset;
mod design_folder;
mod design_output;
mod design_settings;
mod design_table;
mod design_target;
mod failure;
mod file_of_each;
mod growing_table;
mod logos;
mod pack_folder;
mod probability_file;
mod results_folder;
mod sample_names;
mod scan_files;
mod spool;
mod structure_files;

pub use atomic_file::AtomicFile;
pub(crate) use dataset::{DATASET_FILE, DesignDataset, DesignTables};
pub(crate) use design_folder::DesignFolder;
pub(crate) use design_output::{DesignOutput, FinishedInputs};
pub(crate) use design_target::TargetParts;
pub use design_target::{DesignOutcome, DesignResult, DesignTarget, NativeOutcome};
pub use failure::{OutputFailure, WritingTo};
pub(crate) use file_of_each::FileOfEach;
pub use growing_table::GrowingTable;
pub(crate) use logos::{DesignLogos, LogoFiles};
pub use pack_folder::RankedPacking;
pub(crate) use pack_folder::{DesignPackingRecord, PackFolder};
pub(crate) use probability_file::{ArrayFormat, ProbabilityFile};
pub use results_folder::{FolderRequest, ResultsFolder, State};
pub use sample_names::{Numbered, NumberedRecords, Sample, first_word};
pub(crate) use scan_files::ScanFiles;
pub(crate) use structure_files::{FormattedState, StateStructures, chosen_format};
