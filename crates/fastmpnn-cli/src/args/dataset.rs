//! Options for datasets.

use fastmpnn_pipeline::request::{DatasetSettings, Resume, Shard};
use fastmpnn_pipeline::table::TableFormat;

/// How a dataset is written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Dataset")]
pub(crate) struct DatasetArgs {
    /// Write a dataset into the folder of -o: part files with a row for each design. The same command continues it
    /// after a stop, and never repeats a finished structure.
    #[arg(long, value_name = "parquet|jsonl|csv", requires = "out", hide_possible_values = true)]
    pub(crate) table: Option<TableFormat>,
    /// Rows after which a part of a dataset ends.
    #[arg(long, value_name = "COUNT", default_value_t = DatasetSettings::default().part_rows)]
    pub(crate) part_rows: u64,
    /// Continue the dataset that is there (auto), or refuse it (off).
    #[arg(long, value_name = "auto|off", default_value = "auto", hide_possible_values = true)]
    pub(crate) resume: Resume,
    /// Work on share I of N shares of the inputs. Processes with different I may write into one dataset at once.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
}

impl From<DatasetArgs> for DatasetSettings {
    fn from(args: DatasetArgs) -> DatasetSettings {
        let DatasetArgs { table, part_rows, resume, shard } = args;
        DatasetSettings { table, part_rows, resume, shard }
    }
}
