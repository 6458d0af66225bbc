package restoretemporal

import (
	"encoding/json"
	"fmt"
	"time"
)

// Duration is a duration that is text in JSON, such as "1h30m", as [time.ParseDuration] reads it.
type Duration time.Duration

// String returns the duration as [time.Duration.String] does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON returns the duration as text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads text such as "1h30m".
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration must be text such as %q, not %s", "1h30m", data)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("a duration must be text such as %q, not %q", "1h30m", text)
	}
	*d = Duration(parsed)
	return nil
}
