package restorejobs_test

import (
	"fmt"

	"example.com/restorejobs"
)

// A point in time from a line that a shell or Ops Manager printed.
func ExampleParseTimestamp() {
	for _, text := range []string{"1702220445:1", "Timestamp({ t: 1702220445, i: 1 })", "yesterday"} {
		at, err := restorejobs.ParseTimestamp(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(restorejobs.FromOplog(at))
	}
	// Output:
	// oplog entry 2023-12-10T15:00:45Z, 1
	// oplog entry 2023-12-10T15:00:45Z, 1
	// restorejobs: parse timestamp: invalid argument: text "yesterday": must be seconds:increment, Timestamp(seconds, increment), extended JSON or an RFC 3339 time
}
