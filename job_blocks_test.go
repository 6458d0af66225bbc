package restorejobs

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestJobBlock_fillsItsSizeClass: after a new field of Job another number of jobs can be better.
func TestJobBlock_fillsItsSizeClass(t *testing.T) {
	t.Parallel()
	const mallocHeader = 8 // the allocator's, of objects with pointers
	size := jobBlock*reflect.TypeFor[Job]().Size() + mallocHeader
	class := cap(append([]byte(nil), make([]byte, size)...))
	t.Logf("%d jobs need %d of %d bytes", jobBlock, size, class)
	assert.GreaterOrEqual(t, float64(size)/float64(class), 0.97)
}

// TestJobReader_neighbours: jobs of a block have their own fields and texts, whatever stands between them.
func TestJobReader_neighbours(t *testing.T) {
	t.Parallel()
	entry := func(i int) string {
		switch i % 7 {
		case 3:
			return `7`
		case 5:
			return fmt.Sprintf(`{"snapshotId":"s%d","id":"j%d"}`, i, i) // another first name
		case 6:
			return fmt.Sprintf(`{"id":"j%d","snapshotId":"s%d","links":[{"id":"x"},{"id":"y"}],"more":%q}`, i, i, strings.Repeat("z", 300*i))
		default:
			return fmt.Sprintf(`{"id":"j%d", "snapshotId":"s%d"}`, i, i)
		}
	}
	for length := range 40 {
		entries := make([]string, length)
		for i := range entries {
			entries[i] = entry(i)
		}
		body := []byte(`{"results":[` + strings.Join(entries, " ,\n") + `],"totalCount":9}`)
		page, err := decodePage(body, defaultMaxBody, new(jobReader).read)
		require.NoError(t, err)
		clear(body) // no job uses it
		require.Len(t, page.items, length)
		for i, job := range page.items {
			assert.Equal(t, entries[i], string(job.RawJSON()))
			if entries[i] == "7" {
				assert.Empty(t, job.ID)
				continue
			}
			assert.Equal(t, fmt.Sprintf("j%d", i), job.ID)
			assert.Equal(t, fmt.Sprintf("s%d", i), job.SnapshotID)
		}
	}
}
