package restorejobs

// unreadMembers is a set of members that decide a job's state and could not be read: their
// JSON has another type or form than documented. null and missing members are read.
type unreadMembers uint16

const (
	unreadStatusName   unreadMembers = 1 << iota
	unreadDelivery                   // delivery, or its statusName
	unreadTarget                     // members that mark a classic job as a restore into a cluster
	unreadStatus                     // of flex jobs
	unreadLinks                      // of every format, without private links
	unreadDeliveryType               // this and all below are members of cloud jobs
	unreadFailed
	unreadCancelled
	unreadFinishedAt
	unreadExpired
	unreadExpiresAt
	unreadPrivateLinks
)

// record adds a member that could not be read. A later member of the same name does not remove it.
func (u *unreadMembers) record(member unreadMembers, isRead bool) {
	if !isRead {
		*u |= member
	}
}

// has reports whether any of the members could not be read.
func (u *unreadMembers) has(members unreadMembers) bool { return *u&members != 0 }

// hasUnreadLinks reports a state that is unknown because links could not be read.
func (j *Job) hasUnreadLinks() bool {
	return j.State() == StateUnknown && j.unread.has(unreadLinks|unreadPrivateLinks)
}
