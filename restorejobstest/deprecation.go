package restorejobstest

// A deprecation has the headers of an operation that will end. The service writes the day of the
// month with one digit if it can, unlike HTTP dates.
type deprecation struct{ deprecation, sunset string }

var (
	// endOf2023Versions applies to clusters and schedules in versions of 2023.
	endOf2023Versions = deprecation{"Mon, 5 Aug 2024 00:00:00 GMT", "Thu, 1 Jul 2027 00:00:00 GMT"}
	endOfServerless   = deprecation{"Wed, 10 Dec 2025 00:00:00 GMT", "Thu, 15 Jan 2026 00:00:00 GMT"}
)

// announce adds the headers to a response, also to that of an error.
func (d deprecation) announce(resp *response) {
	if d == (deprecation{}) {
		return
	}
	resp.header.Set("Deprecation", d.deprecation)
	resp.header.Set("Sunset", d.sunset)
}
