//! The failures of Graph: what is inside of their messages.

use graph_wufb::requests::Headers;
use graph_wufb::{GraphError, Response};

/// The input as the message of a failure, as Intune writes JSON into it: whatever it is, what is
/// told of it has its bounds, and is the same after it was stored.
pub fn message(data: &[u8]) {
    let Ok(message) = std::str::from_utf8(data) else {
        return;
    };
    let body = serde_json::json!({"error": {"code": "BadRequest", "message": message}}).to_string();
    let Ok(answer) = Response::parse(400, &Headers::new(), body.as_bytes()) else {
        return;
    };
    let error = answer.error.expect("a status of 400 is a failure");
    // What was cut ends with an ellipsis.
    let longest = |text: &str, most: usize| assert!(text.chars().count() <= most + 1, "{text}");
    longest(&error.message, GraphError::MAX_MESSAGE);
    longest(error.raw_message.as_deref().unwrap_or_default(), GraphError::MAX_MESSAGE);
    longest(error.activity_id.as_deref().unwrap_or_default(), GraphError::MAX_CODE);
    for code in &error.inner_codes {
        longest(code, GraphError::MAX_CODE);
    }
    assert!(error.inner_codes.len() <= GraphError::MAX_NESTED * 4, "{:?}", error.inner_codes);
    let stored = serde_json::to_string(&error).expect("a failure is plain");
    let again: GraphError = serde_json::from_str(&stored).expect("it was written");
    assert_eq!(again, error);
}
