CREATE TABLE organizations (
    id {uuid} PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    contact_email text,
    revocation_email boolean NOT NULL,
    invitation_lifetime_days integer NOT NULL CHECK (invitation_lifetime_days BETWEEN 1 AND 365),
    created_at {timestamp} NOT NULL
);

CREATE TABLE users (
    id {uuid} PRIMARY KEY,
    email text NOT NULL,
    email_norm text UNIQUE,
    name text,
    created_at {timestamp} NOT NULL
);

CREATE TABLE identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id),
    created_at {timestamp} NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE members (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL REFERENCES organizations (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
    status text NOT NULL CHECK (status IN ('INVITED', 'ACTIVE', 'REMOVED')),
    sort_name text {bytewise} NOT NULL,
    search text NOT NULL,
    invited_at {timestamp},
    joined_at {timestamp},
    removed_at {timestamp},
    removed_by {uuid} REFERENCES users (id),
    removal text CHECK (removal IN ('REMOVED', 'LEFT', 'INVITATION_REVOKED', 'INVITATION_DECLINED')),
    removal_note text,
    created_at {timestamp} NOT NULL,
    UNIQUE (organization_id, user_id),
    -- What other tables refer to, so that a reference cannot cross organizations.
    UNIQUE (organization_id, id),
    CHECK (status <> 'ACTIVE' OR joined_at IS NOT NULL),
    CHECK ((status = 'REMOVED') = (removed_at IS NOT NULL)),
    CHECK ((status = 'REMOVED') = (removal IS NOT NULL)),
    CHECK (status = 'REMOVED' OR (removed_by IS NULL AND removal_note IS NULL))
);
CREATE INDEX members_by_name ON members (organization_id, sort_name, id);
CREATE INDEX members_by_join_date ON members (organization_id, COALESCE(joined_at, created_at), id);
CREATE INDEX members_by_status ON members (organization_id, status, sort_name, id);
CREATE INDEX members_of_user ON members (user_id);
CREATE INDEX members_owners ON members (organization_id) WHERE role = 'OWNER' AND status = 'ACTIVE';

CREATE TABLE groups (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL REFERENCES organizations (id),
    name text NOT NULL,
    sort_name text {bytewise} NOT NULL,
    description text NOT NULL,
    permissions {json} NOT NULL,
    created_at {timestamp} NOT NULL,
    UNIQUE (organization_id, sort_name),
    UNIQUE (organization_id, id)
);

CREATE TABLE group_members (
    group_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    organization_id {uuid} NOT NULL,
    PRIMARY KEY (group_id, member_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE INDEX group_members_member ON group_members (member_id, group_id);

CREATE TABLE invitations (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    email text NOT NULL,
    email_norm text NOT NULL,
    answer text NOT NULL CHECK (answer IN ('PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED')),
    link_version integer NOT NULL,
    expires_at {timestamp} NOT NULL,
    sent_at {timestamp} NOT NULL,
    invited_by {uuid} NOT NULL REFERENCES users (id),
    answered_at {timestamp},
    revoked_by {uuid} REFERENCES users (id),
    created_at {timestamp} NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id),
    CHECK ((answer = 'PENDING') = (answered_at IS NULL)),
    CHECK ((answer = 'REVOKED') = (revoked_by IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_open ON invitations (organization_id, email_norm) WHERE answer = 'PENDING';
CREATE UNIQUE INDEX invitations_open_of_member ON invitations (member_id) WHERE answer = 'PENDING';
CREATE INDEX invitations_of_member ON invitations (member_id, id);
CREATE INDEX invitations_open_by_inviter ON invitations (organization_id, invited_by) WHERE answer = 'PENDING';

CREATE TABLE api_tokens (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    name text NOT NULL,
    secret_hash {bytes} NOT NULL UNIQUE,
    permissions {json} NOT NULL,
    expires_at {timestamp},
    last_used_at {timestamp},
    revoked_at {timestamp},
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE INDEX api_tokens_of_member ON api_tokens (member_id);

CREATE TABLE activities (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL REFERENCES organizations (id),
    action text NOT NULL,
    actor_id {uuid} NOT NULL REFERENCES users (id),
    api_token_id {uuid} REFERENCES api_tokens (id),
    member_id {uuid},
    invitation_id {uuid},
    group_id {uuid},
    before {json},
    after {json},
    reason text,
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id)
);
CREATE INDEX activities_newest ON activities (organization_id, id);

CREATE TABLE notifications (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL,
    kind text NOT NULL CHECK (kind IN ('INVITATION', 'INVITATION_REVOKED', 'REMOVED', 'ROLE_CHANGED')),
    member_id {uuid} NOT NULL,
    invitation_id {uuid},
    recipient_email text NOT NULL,
    recipient_name text,
    snapshot {json} NOT NULL,
    status text NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'FAILED', 'CANCELED')),
    attempts integer NOT NULL,
    available_at {timestamp} NOT NULL,
    sweep_at {timestamp} NOT NULL,
    last_error text,
    sent_at {timestamp},
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id),
    CHECK ((status = 'SENT') = (sent_at IS NOT NULL))
);
CREATE INDEX notifications_newest ON notifications (organization_id, id);
CREATE INDEX notifications_to_sweep ON notifications (sweep_at) WHERE status = 'QUEUED';
CREATE INDEX notifications_queued_of_invitation ON notifications (invitation_id) WHERE status = 'QUEUED';
