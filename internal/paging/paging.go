// Package paging reads lists that a server returns page by page.
//
//   - [Reader] returns the pages of a list in order. It reads ahead, reads again what has shifted,
//     and detects a list without an end.
//   - [Fetcher] fetches single pages. It falls back to small pages where the server refuses the
//     size of the first, and remembers the size that the server has accepted.
//   - [Page.HasNext] is the one rule for whether another page follows.
//   - [LoopDetector] remembers ids and pages, so that a Reader detects a list without an end.
//
// Nothing in it depends on the type of the entries.
package paging

// Error reports a list that cannot be read whole. Errors of single requests have other types.
type Error struct{ problem string }

// Error describes the failure.
func (e *Error) Error() string { return e.problem }
