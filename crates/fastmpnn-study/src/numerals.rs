//! Numbers formatted for people.

use serde_json::Value;

/// A measured number: three significant digits, with thousands separators.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    let power = magnitude.log10().floor() as i32;
    // 9.996 is 10.0.
    let power = if (magnitude / 10f64.powi(power) * 100.0).round() >= 1000.0 { power + 1 } else { power };
    match power {
        3.. => thousands(value),
        -3..=2 => {
            let decimals = (2 - power) as usize;
            format!("{value:.decimals$}").replace('-', "−")
        }
        _ => format!("{:.2}·10{}", value / 10f64.powi(power), superscript(power)).replacen('-', "−", 1),
    }
}

/// An exact number, such as a tick or a threshold, without trailing zeros.
pub(crate) fn short(value: f64) -> String {
    let text = number(value);
    if text.contains('·') {
        let (digits, power) = text.split_once('·').unwrap_or((&text, ""));
        return format!("{}·{power}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count with thousands separators.
pub(crate) fn count(value: usize) -> String {
    thousands(value as f64)
}

/// A number of a record: an integer as a count, anything else as a measurement.
pub(crate) fn recorded(value: &Value) -> String {
    match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => count(whole as usize),
        (None, Some(number)) => self::number(number),
        (None, None) => "–".to_owned(),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

fn superscript(power: i32) -> String {
    let sign = if power < 0 { "⁻" } else { "" };
    let digit = |digit: char| ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"][digit as usize - '0' as usize];
    sign.to_owned() + &power.abs().to_string().chars().map(digit).collect::<String>()
}

/// `1.35 ×`, or a dash.
pub(crate) fn times(value: f64) -> String {
    if value.is_finite() { format!("{value:.2} ×") } else { "–".to_owned() }
}

/// A number, or a dash.
pub(crate) fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

/// A share in percent, or a dash.
pub(crate) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

/// A number with its sign and one decimal.
pub(crate) fn signed(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.1}", value.abs());
    match value {
        _ if text == "0.0" => text,
        v if v < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_numbers_keep_three_digits() {
        let texts =
            [0.0, 12345.6, 999.4, 999.6, 14.79, 1.0, 9.996, 0.0234, 0.00123, 0.00045, -2000.0, -1.5].map(number);
        let expected = [
            "0",
            "12,346",
            "999",
            "1,000",
            "14.8",
            "1.00",
            "10.0",
            "0.0234",
            "0.00123",
            "4.50·10⁻⁴",
            "−2,000",
            "−1.50",
        ];
        assert_eq!(texts, expected);
        assert_eq!(number(-4.5e-7), "−4.50·10⁻⁷");
    }

    #[test]
    fn exact_numbers_are_short_and_counts_are_whole() {
        assert_eq!([0.0, 5.0, 1.5, 99.5, 10_000.0, 0.0004].map(short), ["0", "5", "1.5", "99.5", "10,000", "4·10⁻⁴"]);
        assert_eq!([0, 57, 20_000].map(count), ["0", "57", "20,000"]);
        assert_eq!(
            ["57", "0.5", "16.0"].map(|text| recorded(&serde_json::from_str(text).unwrap())),
            ["57", "0.500", "16.0"]
        );
    }

    #[test]
    fn signs_are_written_out() {
        assert_eq!([-2.26, 0.04, 1.0].map(signed), ["−2.3", "0.0", "+1.0"]);
    }
}
