package restorejobs

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/restorejobs/internal/download"
)

// DownloadState is how far [Jobs.DownloadTo] or a [DownloadReader] has come, with the state of the
// checksum, for a call that continues it in another process. The zero value is the start of a
// file. It holds no secret. As text, such as in JSON, it is opaque.
type DownloadState struct{ state download.State }

// Offset is how many bytes from the start of the file have been written or read.
func (d DownloadState) Offset() int64 { return d.state.Bytes }

// Size is the length of the file, -1 if unknown.
func (d DownloadState) Size() int64 {
	if d.state.Version == 0 {
		return -1
	}
	return d.state.Size
}

// IsZero reports whether the state is the zero value.
func (d DownloadState) IsZero() bool { return d.state.Version == 0 }

// String returns the offset and the size.
func (d DownloadState) String() string {
	if d.Size() < 0 {
		return fmt.Sprintf("%d bytes", d.Offset())
	}
	return fmt.Sprintf("%d of %d bytes", d.Offset(), d.Size())
}

// Format prints the offset and the size, for every verb.
func (d DownloadState) Format(f fmt.State, _ rune) { writeString(f, d.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (d DownloadState) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	text, err := json.Marshal(d.state)
	if err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.AppendEncode(nil, text), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. An empty text is the zero value.
func (d *DownloadState) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = DownloadState{}
		return nil
	}
	plain, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err != nil {
		return errUnreadableState
	}
	var state download.State
	if err := json.Unmarshal(plain, &state); err != nil || state.Version == 0 {
		return errUnreadableState
	}
	if problem := state.Problem(); problem != "" {
		return errors.New("restorejobs: the DownloadState " + problem)
	}
	d.state = state
	return nil
}

var errUnreadableState = errors.New("restorejobs: the text is not a DownloadState")

// notResumableError is a stream whose rest is not proved to be of the same file.
type notResumableError struct{ err error }

func (e *notResumableError) Error() string        { return e.err.Error() }
func (e *notResumableError) Unwrap() error        { return e.err }
func (e *notResumableError) Is(target error) bool { return target == ErrNotResumable }
