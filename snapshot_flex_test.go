package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFlexSnapshot_isRecognizedByItsMembers(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"scheduledTime":"2026-08-03T17:05:10Z"}`,
		`{"startTime":"2026-08-03T17:05:10Z"}`,
		`{"finishTime":"2026-08-03T17:05:10Z"}`,
		`{"expiration":"2026-08-03T17:05:10Z"}`,
		`{"mongoDBVersion":"8.0.24-patch-6a39"}`,
	} {
		snapshot, _, err := parseSnapshot([]byte(body))
		assert.NoError(t, err)
		assert.Equal(t, flexSnapshot, snapshot.format(), body)
		assert.Zero(t, snapshot.Size())
		assert.Empty(t, snapshot.MasterKey())
	}
}
