package restorejobs

import (
	"encoding/json"
	"errors"
)

// noFileError is a job that was waited for as a download and will never have a file.
type noFileError struct {
	hasUnknownType bool // it is finished, and its deliveryType is not documented
}

func (e *noFileError) Error() string {
	if e.hasUnknownType {
		return "has a deliveryType that this version does not know: none of its files can be listed"
	}
	return "will never have a file: it is no download, wait UntilFinished"
}
func (e *noFileError) Is(target error) bool { return target == errors.ErrUnsupported }

// linksExpiredError is a finished download that can no longer be fetched.
type linksExpiredError struct{}

func (e *linksExpiredError) Error() string { return "its links have expired" }
func (e *linksExpiredError) Is(target error) bool {
	return target == ErrLinkExpired || target == ErrJobExpired
}

// linksUsedError is a download of which a link was used as often as it may be.
type linksUsedError struct {
	isExpired bool // the job's state says so
}

func (e *linksUsedError) Error() string { return "its links are used up, or some of them" }
func (e *linksUsedError) Is(target error) bool {
	return target == ErrDownloadsExhausted || e.isExpired && target == ErrJobExpired
}

// MarshalJSON gives the text of [WaitError.Error], so that a structured log shows no link
// of its jobs.
func (e *WaitError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }
