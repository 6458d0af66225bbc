package restorejobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs/internal/jsondec"
)

// Timestamp is a BSON timestamp: a second, and the order of the operations in it. It marshals as the
// object {"date", "increment"}, and in a [Job] in the form of the job's variant.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", timestamp; Atlas v2
// "getBackupRestoreJob", timestamp and desiredTimestamp.
type Timestamp struct {
	// Date is the time as the server wrote it: in UTC in every document.
	Date time.Time `json:"date,omitzero"`
	// Increment is the order within the second; 0 in the plain string of cloud jobs.
	Increment int64 `json:"increment,omitzero"`
}

// IsZero reports whether neither date nor increment is set.
func (t Timestamp) IsZero() bool { return t.Date.IsZero() && t.Increment == 0 }

func (t *Timestamp) isAfter(other Timestamp) bool {
	return t.Date.After(other.Date) || t.Date.Equal(other.Date) && t.Increment > other.Increment
}

// shellTimestamp matches what the shells print: Timestamp(1, 2) and Timestamp({ t: 1, i: 2 }).
var shellTimestamp = regexp.MustCompile(`^Timestamp\((?: *([0-9]+) *, *([0-9]+) *|\{ *t: *([0-9]+) *, *i: *([0-9]+) *\})\)$`)

// ParseTimestamp parses a timestamp as tools print it, for [FromOplog]. The forms are:
//
//   - 1702220445:1, seconds since 1970 and increment, from Ops Manager;
//   - Timestamp(1702220445, 1) and Timestamp({ t: 1702220445, i: 1 }), from the shells;
//   - {"$timestamp":{"t":1702220445,"i":1}}, and the other objects of [Timestamp.UnmarshalJSON];
//   - 2023-12-10T15:00:45Z, a time of RFC 3339, whose increment is 0.
//
// Seconds and increment are at most 4294967295. 0:0 is the zero Timestamp. Any other text, including
// one with surrounding white space, is an error that matches [ErrInvalidArgument].
//
// API: Cloud Manager and Ops Manager "Create One Restore Job", oplogTs and oplogInc.
func ParseTimestamp(text string) (Timestamp, error) {
	read, err := parseTimestamp(text)
	if err != nil {
		return Timestamp{}, invalidArgument("parse timestamp", fmt.Sprintf("text %q: %s", sanitize(text, 100), err))
	}
	return read, nil
}

func parseTimestamp(text string) (Timestamp, error) {
	if m := shellTimestamp.FindStringSubmatch(text); m != nil {
		return newTimestamp(m[1]+m[3], m[2]+m[4])
	}
	if strings.HasPrefix(text, "{") {
		read, err := readTimestamp([]byte(text))
		if err == nil && read.IsZero() {
			err = errNotTimestamp
		}
		return read, err
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return Timestamp{}, err
	}
	read, err := readTimestamp(quoted)
	if text == "" || errors.Is(err, errNotTimestamp) {
		err = errors.New("must be seconds:increment, Timestamp(seconds, increment), extended JSON or an RFC 3339 time")
	}
	return read, err
}

// UnmarshalJSON reads the object {"date", "increment"} of classic jobs and the time of cloud jobs. It
// also reads "1702220445:1", {"t", "i"}, {"$timestamp": {"t", "i"}} of extended JSON, and milliseconds
// since 1970. null, "" and {} are the zero Timestamp. Seconds and increment are at most 4294967295.
//
// Any other value is an error, and the Timestamp keeps its value. In a [Job] or [TimeRange] such a
// value is zero, without an error.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	read, err := readTimestamp(data)
	if err != nil {
		return fmt.Errorf("restorejobs: a timestamp: %w", err)
	}
	*t = read
	return nil
}

func readTimestamp(data []byte) (Timestamp, error) {
	d := jsondec.New(data)
	var read Timestamp
	problem := read.decode(&d)
	if err := d.End(); err != nil {
		return Timestamp{}, err
	}
	if problem != nil {
		return Timestamp{}, problem
	}
	return read, nil
}

var (
	errNotTimestamp = errors.New("the value is not a timestamp")
	errSeconds      = fmt.Errorf("t must be between 0 and %d", uint32(math.MaxUint32))
	errIncrement    = fmt.Errorf("i must be between 0 and %d", uint32(math.MaxUint32))
)

// decode reads a value of any kind. The error names the rule; t keeps its value.
func (t *Timestamp) decode(d *jsondec.Decoder) error {
	switch d.Kind() {
	case jsondec.KindObject:
		return t.decodeObject(d)
	case jsondec.KindString:
		return t.decodeString(d)
	case jsondec.KindNull:
		d.Skip()
		return nil
	default:
		if !d.Time(&t.Date) {
			return errNotTimestamp
		}
		return nil
	}
}

func (t *Timestamp) decodeString(d *jsondec.Decoder) error {
	start := *d
	var date time.Time
	if d.Time(&date) && !date.IsZero() {
		t.Date = date
		return nil
	}
	var text string
	jsondec.String(&start, &text)
	if text == "" {
		return nil
	}
	seconds, increment, _ := strings.Cut(text, ":")
	read, err := newTimestamp(seconds, increment)
	if err == nil {
		*t = read
	}
	return err
}

func (t *Timestamp) decodeObject(d *jsondec.Decoder) error {
	var pair timestampPair
	var problem error
	isKnown := false
	isEmpty := true
	hasTime := false
	d.Object()
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		isEmpty = false
		switch string(key) {
		case "date":
			isKnown = true
			if !d.Time(&t.Date) {
				problem = errors.New("date is not a time")
			}
		case "increment":
			isKnown = true
			if !jsondec.Int(d, &t.Increment) || t.Increment < 0 || t.Increment > math.MaxUint32 {
				problem = fmt.Errorf("increment must be between 0 and %d", uint32(math.MaxUint32))
			}
		case "t", "i":
			isKnown = true
			pair.decodeMember(d, key[0])
		case "$timestamp":
			isKnown = true
			if !pair.decodeObject(d) {
				problem = errors.New("$timestamp must be an object")
			}
		case "time": // it repeats date
			isKnown = true
			hasTime = d.Kind() != jsondec.KindNull
			d.Skip()
		default:
			d.Skip()
		}
	}
	if pair.isSet {
		read, err := pair.timestamp()
		if err != nil {
			return err
		}
		*t = read
	}
	if !isKnown && !isEmpty {
		return errNotTimestamp
	}
	needsDate := hasTime || t.Increment != 0
	if problem == nil && needsDate && t.Date.IsZero() {
		problem = errors.New("date is missing")
	}
	return problem
}

// timestampPair collects the members of {"t", "i"}.
type timestampPair struct {
	isSet     bool
	hasT      bool
	hasI      bool
	seconds   int64
	increment int64
}

// decodeObject reports whether the value is an object.
func (p *timestampPair) decodeObject(d *jsondec.Decoder) bool {
	if !d.Object() {
		return false
	}
	p.isSet = true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "t", "i":
			p.decodeMember(d, key[0])
		default:
			d.Skip()
		}
	}
	return true
}

func (p *timestampPair) decodeMember(d *jsondec.Decoder, name byte) {
	p.isSet = true
	if d.Kind() == jsondec.KindNull {
		d.Skip()
		return
	}
	value := int64(-1) // out of range, unless it can be read
	jsondec.Int(d, &value)
	if name == 't' {
		p.hasT = true
		p.seconds = value
	} else {
		p.hasI = true
		p.increment = value
	}
}

func (p *timestampPair) timestamp() (Timestamp, error) {
	switch {
	case !p.hasT:
		return Timestamp{}, errors.New("t is missing")
	case !p.hasI:
		return Timestamp{}, errors.New("i is missing")
	case p.seconds < 0 || p.seconds > math.MaxUint32:
		return Timestamp{}, errSeconds
	case p.increment < 0 || p.increment > math.MaxUint32:
		return Timestamp{}, errIncrement
	case p.seconds == 0 && p.increment == 0: // MongoDB's own empty timestamp
		return Timestamp{}, nil
	default:
		return Timestamp{Date: time.Unix(p.seconds, 0).UTC(), Increment: p.increment}, nil
	}
}

// newTimestamp parses two texts of digits.
func newTimestamp(seconds, increment string) (Timestamp, error) {
	for _, text := range [...]string{seconds, increment} {
		if !isDigits(text) {
			return Timestamp{}, errNotTimestamp
		}
	}
	pair := timestampPair{
		hasT:      true,
		hasI:      true,
		seconds:   parseDigits(seconds),
		increment: parseDigits(increment),
	}
	return pair.timestamp()
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// parseDigits returns -1 for more than an int64 holds.
func parseDigits(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
