//! Numbers and lists as Python prints them.

/// `repr` of a float: the shortest digits that read back the same, `1.0` for whole numbers, an exponent below 1e-4 and
/// from 1e16.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    from_shortest(&format!("{value:e}"))
}

/// A single-precision float's shortest digits, as Python prints that number: so a decimal number of a file looks after
/// Python has read and printed it.
pub(crate) fn decimal(value: f32) -> String {
    if value.is_finite() { from_shortest(&format!("{value:e}")) } else { float(f64::from(value)) }
}

/// Python's form of shortest digits in scientific notation, `-1.25e-7`.
fn from_shortest(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if !(-4..16).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    let digits = format!("{digits:0<whole$}");
    let (whole, rest) = digits.split_at(whole);
    format!("{sign}{whole}.{}", if rest.is_empty() { "0" } else { rest })
}

/// `numpy.format_float_positional(numpy.float32(x), unique=False, precision=4)`.
pub(crate) fn four_decimals(value: f32) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else {
        format!("{value:.4}")
    }
}

/// `repr` of a list of texts without quotes in them: `['A', 'B']`.
pub(crate) fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// `repr` of a text.
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            other if other == quote => out.extend(['\\', other]),
            other => out.push(other),
        }
    }
    out.push(quote);
    out
}

/// `int(text)`.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    without_underscores(digits)?;
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_').then_some(())?;
    text.replace('_', "").parse().ok()
}

/// `float(text)`.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = without_underscores(text)?;
    let word = plain.strip_prefix(['+', '-']).unwrap_or(&plain).to_ascii_lowercase();
    let known = matches!(word.as_str(), "inf" | "infinity" | "nan");
    let number = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if known || number { plain.parse().ok() } else { None }
}

/// Python allows an underscore between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let misplaced = |&(at, &byte): &(usize, &u8)| byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)));
    match bytes.iter().enumerate().find(misplaced) {
        Some(_) => None,
        None => Some(text.replace('_', "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_python_prints_them() {
        let cases = [
            (0.1, "0.1"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (100.5, "100.5"),
            (1e16, "1e+16"),
            (1234567890123456.0, "1234567890123456.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.25e-7, "-1.25e-07"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (1.0 / 3.0, "0.3333333333333333"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text);
        }
        assert_eq!(decimal(-8.861), "-8.861");
        assert_eq!(decimal(9999.999), "9999.999");
        assert_eq!(decimal(30.0), "30.0");
    }

    #[test]
    fn four_decimals_round_half_to_even() {
        assert_eq!(four_decimals(1.6822), "1.6822");
        assert_eq!(four_decimals(0.03125), "0.0312");
        assert_eq!(four_decimals(0.09375), "0.0938");
        assert_eq!(four_decimals(f32::NAN), "nan");
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        assert_eq!(parse_int(" -1_000 "), Some(-1000));
        assert_eq!(parse_int("+5"), Some(5));
        for text in ["", "1.0", "1__0", "_1", "1_", "0x1", "--1", "+"] {
            assert_eq!(parse_int(text), None, "{text}");
        }
        assert_eq!(parse_float("1e-3"), Some(0.001));
        assert_eq!(parse_float(".5"), Some(0.5));
        assert_eq!(parse_float("-inf"), Some(f64::NEG_INFINITY));
        for text in ["", "a", "1,0", "1_", "e5", "infinit"] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }

    #[test]
    fn lists_print_as_python_prints_them() {
        assert_eq!(list(&["A".to_owned(), "B".to_owned()]), "['A', 'B']");
        assert_eq!(list(&[]), "[]");
        assert_eq!(quoted("it's"), "\"it's\"");
    }
}
